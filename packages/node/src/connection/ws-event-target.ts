import { EventEmitter } from 'node:events';

/** An event in the browser's form, as `ws` gives it to `onmessage` and `addEventListener`. */
export interface WsEvent {
  readonly type: string;
  readonly target: unknown;
  /** Of a message: text as a string, bytes as a buffer. */
  readonly data?: string | Buffer;
  /** Of the end. */
  readonly code?: number;
  readonly reason?: string;
  readonly wasClean?: boolean;
  /** Of an error. */
  readonly error?: unknown;
  readonly message?: string;
}

export type WsEventListener = (event: WsEvent) => unknown;

type Listener = (...args: unknown[]) => unknown;

/** What an event says in the browser's form, from what it says in Node's. */
const forms: Readonly<Record<string, (...args: unknown[]) => Partial<WsEvent>>> = {
  message: (data, binary) => ({ data: binary === false ? String(data) : (data as Buffer) }),
  close: (code, reason) => {
    return { code: Number(code), reason: String(reason), wasClean: code !== 1006 };
  },
  error: (error) => ({ error, message: error instanceof Error ? error.message : String(error) }),
};

/** The half of a socket of `ws` that looks like the browser's. `on…` and listeners may be both there. */
export class WsEventTarget extends EventEmitter {
  declare onmessage: WsEventListener | undefined;
  declare onclose: WsEventListener | undefined;
  declare onerror: WsEventListener | undefined;
  /** Never called: a server's socket is open when anybody sees it. */
  onopen: WsEventListener | undefined;
  /** What listens in place of each listener, by event. */
  readonly #wrapped: Record<string, Map<WsEventListener, Listener>> = {};
  readonly #handlers: Record<string, WsEventListener | undefined> = {};

  addEventListener(
    type: string,
    listener: WsEventListener,
    options?: { readonly once?: boolean },
  ): void {
    const form = forms[type];
    const wrapped = this.#wrapped[type] ?? new Map<WsEventListener, Listener>();
    if (form === undefined || wrapped.has(listener)) return;
    this.#wrapped[type] = wrapped;
    const listens: Listener = (...args) => {
      if (options?.once) this.removeEventListener(type, listener);
      return listener.call(this, { type, target: this, ...form(...args) });
    };
    wrapped.set(listener, listens);
    this.on(type, listens);
  }

  removeEventListener(type: string, listener: WsEventListener): void {
    const listens = this.#wrapped[type]?.get(listener);
    if (listens === undefined) return;
    this.#wrapped[type]?.delete(listener);
    this.off(type, listens);
  }

  static {
    for (const type of Object.keys(forms)) {
      Object.defineProperty(WsEventTarget.prototype, `on${type}`, {
        get(this: WsEventTarget) {
          return this.#handlers[type];
        },
        set(this: WsEventTarget, handler: WsEventListener | undefined) {
          const previous = this.#handlers[type];
          if (previous !== undefined) this.removeEventListener(type, previous);
          this.#handlers[type] = handler ?? undefined;
          if (typeof handler === 'function') this.addEventListener(type, handler);
        },
      });
    }
  }
}
