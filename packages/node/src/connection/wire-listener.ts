import type { Message } from '@heddle/core';
import type { CloseInfo } from './close-record.ts';
import type { InboxListener } from './inbox.ts';
import type { LimitAction, LimitName } from './limit-name.ts';

/** Who the wire works for, beside the messages. All calls are synchronous and must not throw. */
export interface WireListener extends InboxListener {
  ping(payload: Uint8Array): void;
  pong(payload: Uint8Array): void;
  drain(): void;
  /** A message has come, and somebody observes that. */
  arrived(message: Message): void;
  /** A limit has done something. */
  limited(limit: LimitName, action: LimitAction): void;
  closed(info: CloseInfo): void;
}
