import { EventEmitter } from 'node:events';

/** What every event in the browser's form says. */
interface EventOrigin {
  readonly type: string;
  /** What the listener was added to. */
  readonly target: unknown;
  /** The same: there is nothing that an event could bubble through. */
  readonly currentTarget: unknown;
}

/** What an event says beyond its origin, by its type. `Data` is what a message is. */
export interface EventDetails<Data> {
  readonly message: { readonly data: Data };
  readonly close: { readonly code: number; readonly reason: string; readonly wasClean: boolean };
  readonly error: { readonly error: unknown; readonly message: string };
}

/** The events that `addEventListener` knows. One of any other type never comes. */
export type BrowserEventType = keyof EventDetails<unknown>;

/** An event in the browser's form, from an emitter whose messages are `Data`. */
export type BrowserEvent<Data, K extends BrowserEventType = BrowserEventType> = EventOrigin &
  EventDetails<Data>[K];

/** A function, or an object that has one under the browser's name for it. */
export type BrowserListener<Event> =
  | ((event: Event) => unknown)
  | { handleEvent(event: Event): unknown };

/** The options of `addEventListener`, or the browser's `capture`, which means nothing here. */
export type BrowserListenerOptions =
  | boolean
  | {
      /** The listener gets one event. */
      readonly once?: boolean | undefined;
      /** Takes the listener off when it aborts. */
      readonly signal?: AbortSignal | undefined;
    };

/** What an event says in the browser's form, from what it says in Node's. */
export type EventForms<Data> = {
  readonly [K in BrowserEventType]: (...args: unknown[]) => EventDetails<Data>[K];
};

type Listens = (...args: unknown[]) => unknown;

/** What a function that listens in another's place belongs to. */
interface Standing {
  readonly listener: unknown;
  /** What is to be done when it no longer listens. */
  readonly left: () => void;
}

/** Known by the function, so that an emitter nobody uses in this way carries nothing for it. */
const standings = new WeakMap<object, Standing>();

/** Of each emitter whose listeners have signals: what forgets about each of them. */
const forgetting = new WeakMap<object, Set<() => void>>();

/** How an error is told of, in the browser's form. */
export function errorDetails(error: unknown): EventDetails<unknown>['error'] {
  return { error, message: error instanceof Error ? error.message : String(error) };
}

/**
 * An `EventEmitter` that is listened to in the browser's form as well, for libraries that know no
 * other. Such a listener is one like those of `on`: what counts, fails or is taken off there does
 * here too.
 */
export abstract class BrowserEmitter<Data> extends EventEmitter {
  /** How the events are told of; asked for at each listener that is added. */
  protected abstract readonly forms: EventForms<Data>;

  /**
   * Adds a listener; nothing happens where it listens already, its signal has aborted, or it is neither
   * a function nor an object. A listener that throws or rejects is treated as one of `on` is. Throws
   * what `on` throws.
   */
  addEventListener<K extends BrowserEventType>(
    type: K,
    listener: BrowserListener<BrowserEvent<Data, K>> | null,
    options?: BrowserListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: BrowserListener<never> | null,
    options?: BrowserListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: BrowserListener<BrowserEvent<Data>> | null,
    options: BrowserListenerOptions = {},
  ): void {
    if (!isKnown(type) || !isListener(listener) || this.#standIn(type, listener)) return;
    const form = this.forms[type];
    const { once = false, signal } = typeof options === 'object' ? options : {};
    if (signal?.aborted) return;
    const leave = (): void => this.removeEventListener(type, listener);
    const listens: Listens = (...args) => {
      if (once) leave();
      const event = { type, target: this, currentTarget: this, ...form(...args) };
      if (typeof listener === 'function') return listener.call(this, event);
      return listener.handleEvent(event);
    };
    // Before anything is left behind: `on` may throw.
    this.on(type, listens);
    standings.set(listens, { listener, left: signal ? this.#heed(signal, leave) : () => {} });
  }

  /** Takes off a listener that was added with `addEventListener`, if it still listens. */
  removeEventListener(type: string, listener: BrowserListener<never> | null): void {
    const listens = isListener(listener) && this.#standIn(type, listener);
    if (!listens) return;
    this.off(type, listens);
    standings.get(listens)?.left();
  }

  /** What listens to `type` in the place of `listener`. */
  #standIn(type: string, listener: object): Listens | undefined {
    const added = this.rawListeners(type) as Listens[];
    return added.find((listens) => standings.get(listens)?.listener === listener);
  }

  /**
   * Leaves when `signal` aborts. Returns what forgets about the signal, which happens at the end of
   * the connection too: a server's signal would else keep all connections that have ever been.
   */
  #heed(signal: AbortSignal, leave: () => void): () => void {
    const forgets = forgetting.get(this) ?? new Set();
    forgetting.set(this, forgets);
    const forget = (): void => {
      signal.removeEventListener('abort', leave);
      forgets.delete(forget);
      if (forgets.size === 0) this.off('close', forgetSignals);
    };
    signal.addEventListener('abort', leave, { once: true });
    forgets.add(forget);
    // One for all signals: beyond ten listeners of an event, Node warns of a leak.
    if (!this.listeners('close').includes(forgetSignals)) this.on('close', forgetSignals);
    return forget;
  }
}

/** Listens to the end of an emitter, which calls it as its `this`. */
function forgetSignals(this: object): void {
  for (const forget of forgetting.get(this) ?? []) forget();
}

/** What JavaScript may give besides is none: a browser ignores `null`, and throws for the rest. */
function isListener(listener: unknown): listener is object {
  return typeof listener === 'function' || (typeof listener === 'object' && listener !== null);
}

function isKnown(type: string): type is BrowserEventType {
  return type === 'message' || type === 'close' || type === 'error';
}
