import type { EventEmitter } from 'node:events';
import { BrowserEmitter, type EventForms, errorDetails } from './browser-emitter.ts';
import type { CloseInfo } from './close-record.ts';
import type { ConnectionEvents } from './connection-events.ts';

type Name<In> = keyof ConnectionEvents<In>;
type Listener<In, K extends Name<In>> = (...args: ConnectionEvents<In>[K]) => void;

/** What `EventEmitter` calls a listener of any event. */
type AnyListener = Parameters<EventEmitter['on']>[1];

const forms: EventForms<unknown> = {
  message: (data) => ({ data }),
  close: (info) => {
    const { code, reason, wasClean } = info as CloseInfo;
    return { code, reason, wasClean };
  },
  error: errorDetails,
};

/**
 * An `EventEmitter` that knows the events of a connection, and tells when somebody comes to listen
 * for messages. A listener that rejects is caught.
 */
export abstract class ConnectionEmitter<In> extends BrowserEmitter<In> {
  constructor() {
    super({ captureRejections: true });
  }

  protected override get forms(): EventForms<In> {
    return forms as EventForms<In>;
  }

  /** Called before the listener is added; what it throws keeps it out. */
  protected abstract messageListenerAdded(): void;

  override on<K extends Name<In>>(event: K, listener: Listener<In, K>): this {
    return this.addListener(event, listener);
  }

  override addListener<K extends Name<In>>(event: K, listener: Listener<In, K>): this {
    if (event === 'message') this.messageListenerAdded();
    return super.addListener(event, listener as AnyListener);
  }

  override prependListener<K extends Name<In>>(event: K, listener: Listener<In, K>): this {
    if (event === 'message') this.messageListenerAdded();
    return super.prependListener(event, listener as AnyListener);
  }

  // Node's own two go through the ones above.
  override once<K extends Name<In>>(event: K, listener: Listener<In, K>): this {
    return super.once(event, listener as AnyListener);
  }

  override prependOnceListener<K extends Name<In>>(event: K, listener: Listener<In, K>): this {
    return super.prependOnceListener(event, listener as AnyListener);
  }

  override off<K extends Name<In>>(event: K, listener: Listener<In, K>): this {
    return super.off(event, listener as AnyListener);
  }
}
