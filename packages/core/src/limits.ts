import { UsageError } from './errors.ts';

/** What a peer may make one message cost (§10.4). */
export interface MessageLimits {
  /**
   * The most bytes of payload in one message, all its fragments together; 1 and more.
   * @default 2 ** 20
   */
  readonly maxMessageBytes: number;
  /**
   * The most fragments in one message, empty ones too; 1 and more.
   * @default 16_384
   */
  readonly maxFragments: number;
}

export const DEFAULT_MESSAGE_LIMITS: MessageLimits = {
  maxMessageBytes: 2 ** 20,
  maxFragments: 16_384,
};

/**
 * What an object that is held costs beside its payload, in bytes: the JavaScript objects around a
 * few bytes weigh more than the bytes. Everything that counts retained memory adds it per object.
 */
export const HELD_OBJECT_BYTES = 128;

/** What `bytes` cost while they are held; nothing if there are none. */
export function heldBytes(bytes: Uint8Array | undefined): number {
  return bytes === undefined ? 0 : bytes.byteLength + HELD_OBJECT_BYTES;
}

/** Throws `UsageError` `WS_INVALID_OPTION` unless `value` is a whole number of 1 or more. */
export function assertLimit(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new UsageError(
    'WS_INVALID_OPTION',
    `${name} must be a whole number from 1 to 2^53 - 1, not ${String(value)}`,
  );
}
