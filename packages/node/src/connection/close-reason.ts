/** §5.5: a control frame carries 125 bytes, of which the close code takes two. */
const MAX_REASON_BYTES = 123;

/** As much of `text` as a close frame can carry, cut between characters. */
export function fitCloseReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.byteLength <= MAX_REASON_BYTES) return text;
  // While streaming, a decoder keeps back a character that is cut.
  return new TextDecoder().decode(bytes.subarray(0, MAX_REASON_BYTES), { stream: true });
}
