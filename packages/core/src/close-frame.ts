import { CloseCode, isSendableCloseCode } from './close-code.ts';
import { ProtocolError, UsageError } from './errors.ts';
import { MAX_CONTROL_PAYLOAD_BYTES } from './frame-decoder.ts';
import { octetAt } from './octet.ts';
import { type Primitives, purePrimitives } from './primitives.ts';
import { Utf8Validator } from './utf8-validator.ts';

/** §5.5.1: the status code takes two of a control frame's 125 bytes. */
const CODE_BYTES = 2;

/** What a close frame says: §7.1.5 the code, §7.1.6 the reason. */
export interface CloseFrame {
  /** 1005 (no status received) if the frame carries none. */
  readonly closeCode: number;
  readonly closeReason: string;
}

/**
 * Judges the first `received` bytes of a close frame's payload, so that a bad one is refused at the
 * byte that proves it. Throws `ProtocolError`.
 */
export function assertClosePayload(payload: Uint8Array, received: number): void {
  if (received < CODE_BYTES) return;
  const closeCode = readCode(payload);
  if (!isSendableCloseCode(closeCode)) {
    throw new ProtocolError('WS_CLOSE_CODE_INVALID', String(closeCode));
  }
  // §5.5.1: the reason is "UTF-8-encoded data".
  if (!new Utf8Validator().push(payload, CODE_BYTES, received)) {
    throw new ProtocolError('WS_CLOSE_REASON_NOT_UTF8');
  }
}

/** Decodes a whole close payload that `assertClosePayload` has passed. Throws `ProtocolError`. */
export function decodeClosePayload(payload: Uint8Array, primitives: Primitives): CloseFrame {
  // §7.1.5: "If this Close control frame contains no status code, _The WebSocket Connection Close
  // Code_ is considered to be 1005."
  if (payload.byteLength === 0) return { closeCode: CloseCode.NoStatusReceived, closeReason: '' };
  const closeReason = primitives.decodeUtf8(payload, CODE_BYTES, payload.byteLength);
  if (closeReason === undefined) throw new ProtocolError('WS_CLOSE_REASON_NOT_UTF8');
  return { closeCode: readCode(payload), closeReason };
}

/**
 * Throws `UsageError`: `WS_INVALID_CLOSE_CODE` unless a close frame may carry `closeCode`, or if
 * there is a reason without a code; `WS_CLOSE_REASON_TOO_LONG` above 123 bytes of UTF-8.
 */
export function assertClose(closeCode: number | undefined, closeReason: string): void {
  encodeClosePayload(closeCode, closeReason, purePrimitives);
}

/**
 * Encodes a close payload: empty if there is no `closeCode`.
 *
 * Throws `UsageError`: `WS_INVALID_CLOSE_CODE` unless the code may be sent, or if there is a reason
 * without a code; `WS_CLOSE_REASON_TOO_LONG` above 123 bytes of UTF-8.
 */
export function encodeClosePayload(
  closeCode: number | undefined,
  closeReason: string,
  primitives: Primitives,
): Uint8Array {
  if (closeCode === undefined) {
    if (closeReason === '') return new Uint8Array(0);
    throw new UsageError('WS_INVALID_CLOSE_CODE', 'a reason needs a code before it');
  }
  if (!isSendableCloseCode(closeCode)) {
    throw new UsageError('WS_INVALID_CLOSE_CODE', `not ${String(closeCode)}`);
  }
  const byteLength = CODE_BYTES + primitives.utf8ByteLength(closeReason);
  if (byteLength > MAX_CONTROL_PAYLOAD_BYTES) {
    throw new UsageError('WS_CLOSE_REASON_TOO_LONG', `not ${byteLength - CODE_BYTES} bytes`);
  }
  const payload = primitives.allocate(byteLength);
  payload[0] = closeCode >> 8;
  payload[1] = closeCode;
  primitives.encodeUtf8(closeReason, payload, CODE_BYTES);
  return payload;
}

function readCode(payload: Uint8Array): number {
  return octetAt(payload, 0) * 256 + octetAt(payload, 1);
}
