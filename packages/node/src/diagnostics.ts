import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Message } from '@heddle/core';
import type { CloseInfo } from './connection/close-record.ts';
import type { AnyConnection } from './connection/connection.ts';
import type { LimitAction, LimitName } from './connection/limit-name.ts';

/**
 * What is published on `node:diagnostics_channel`, by the name of the channel, for servers and clients alike. A
 * subscriber is called synchronously, and must not throw: Node makes that an uncaught exception.
 */
export interface Diagnostics {
  /** A connection has opened; its listeners are still to come. */
  readonly 'heddle:connection:open': { readonly socket: AnyConnection };
  /** A message has come, as it is before any `schema`; one that is streamed is not told of. */
  readonly 'heddle:connection:message': {
    readonly socket: AnyConnection;
    readonly message: Message;
  };
  /** A connection is gone; its listeners are told after this. */
  readonly 'heddle:connection:close': { readonly socket: AnyConnection; readonly info: CloseInfo };
  /** A handshake was answered with another status than 101: by us, for `reason`, or by the application. */
  readonly 'heddle:upgrade:refused': {
    readonly request: IncomingMessage;
    readonly status: number;
    readonly reason: string | undefined;
  };
  /** A limit has done something: to a connection, or to a request that wanted to become one. */
  readonly 'heddle:limit': {
    readonly limit: LimitName;
    readonly action: LimitAction;
    readonly socket: AnyConnection | undefined;
    readonly request: IncomingMessage | undefined;
  };
}

const channels = {
  'heddle:connection:open': channel('heddle:connection:open'),
  'heddle:connection:message': channel('heddle:connection:message'),
  'heddle:connection:close': channel('heddle:connection:close'),
  'heddle:upgrade:refused': channel('heddle:upgrade:refused'),
  'heddle:limit': channel('heddle:limit'),
} as const satisfies Record<keyof Diagnostics, unknown>;

/** Whether anybody listens: asked before something is made only to be published. */
export function isObserved(name: keyof Diagnostics): boolean {
  return channels[name].hasSubscribers;
}

export function publish<Name extends keyof Diagnostics>(name: Name, what: Diagnostics[Name]): void {
  channels[name].publish(what);
}
