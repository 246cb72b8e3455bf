/**
 * A message that no page of ours would send at this point: its connection is closed with 1008. Its
 * own text, below 123 bytes, is the reason.
 */
export class BadMessage extends Error {
  override readonly name = 'BadMessage';
}
