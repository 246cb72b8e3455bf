import type { ProtocolError } from '@heddle/core';

/** Where the messages come from. */
export interface InboxSource {
  /** `readingWanted` may have changed. */
  applyFlow(): void;
  /** Nothing more may come until it has changed back, not even of what was read. */
  hold(): void;
  /** Whether messages come in pieces from here on. */
  streaming: boolean;
  /** The one that has begun comes whole, as if it had not been told of. */
  putTogether(): void;
  /** What is held of the message that is arriving. */
  readonly retainedBytes: number;
  failConnection(error: ProtocolError): void;
}
