/** The status codes of a close frame that RFC 6455 §7.4.1 and its registry define. */
export const CloseCode = {
  NormalClosure: 1000,
  GoingAway: 1001,
  ProtocolError: 1002,
  UnsupportedData: 1003,
  /** Never in a frame: the close frame held no status code. */
  NoStatusReceived: 1005,
  /** Never in a frame: the connection ended without a close frame. */
  AbnormalClosure: 1006,
  InvalidPayload: 1007,
  PolicyViolation: 1008,
  MessageTooBig: 1009,
  MandatoryExtension: 1010,
  InternalError: 1011,
  ServiceRestart: 1012,
  TryAgainLater: 1013,
  BadGateway: 1014,
} as const;

/**
 * Whether a close frame may carry `code`.
 *
 * §7.4.1 reserves 1004, 1005, 1006 and 1015 for reports that never travel; §7.4.2 leaves 0–999
 * unused and 1016–2999 to future revisions, and gives 3000–4999 to libraries and applications.
 */
export function isSendableCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && !(code >= 1004 && code <= 1006);
}
