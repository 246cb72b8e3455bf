import {
  BrowserEmitter,
  type EventDetails,
  type EventForms,
  errorDetails,
} from './browser-emitter.ts';

type Details = EventDetails<string | Buffer>;

/**
 * An event in the browser's form, as `ws` gives it to `onmessage` and `addEventListener`: `data` of a
 * message, where text is a string and bytes are a buffer; `code`, `reason` and `wasClean` of the end;
 * `error` and `message` of an error.
 */
export interface WsEvent
  extends Partial<Details['message']>,
    Partial<Details['close']>,
    Partial<Details['error']> {
  readonly type: string;
  readonly target: unknown;
  readonly currentTarget: unknown;
}

export type WsEventListener = (event: WsEvent) => unknown;

/** What an `on…` property holds, in a form that no listener of the same function is mistaken for. */
interface Handler {
  readonly given: WsEventListener;
  handleEvent(event: WsEvent): unknown;
}

const forms: EventForms<string | Buffer> = {
  message: (data, binary) => ({ data: binary === false ? String(data) : (data as Buffer) }),
  close: (code, reason) => {
    return { code: Number(code), reason: String(reason), wasClean: code !== 1006 };
  },
  error: errorDetails,
};

/** The half of a socket of `ws` that looks like the browser's. `on…` and listeners may be both there. */
export class WsEventTarget extends BrowserEmitter<string | Buffer> {
  declare onmessage: WsEventListener | undefined;
  declare onclose: WsEventListener | undefined;
  declare onerror: WsEventListener | undefined;
  /** Never called: a server's socket is open when anybody sees it. */
  onopen: WsEventListener | undefined;
  readonly #handlers: Record<string, Handler | undefined> = {};

  protected override get forms(): EventForms<string | Buffer> {
    return forms;
  }

  static {
    for (const type of Object.keys(forms)) {
      Object.defineProperty(WsEventTarget.prototype, `on${type}`, {
        get(this: WsEventTarget) {
          return this.#handlers[type]?.given;
        },
        set(this: WsEventTarget, given: WsEventListener | undefined) {
          this.removeEventListener(type, this.#handlers[type] ?? null);
          this.#handlers[type] = undefined;
          if (typeof given !== 'function') return;
          const handler = { given, handleEvent: (event: WsEvent) => given.call(this, event) };
          this.#handlers[type] = handler;
          this.addEventListener(type, handler);
        },
      });
    }
  }
}
