/** What a client found of a message that went to a file and back. */
export interface Transfer {
  /** What was negotiated. */
  readonly extensions: readonly string[];
  readonly sentSha256: string;
  /** `undefined` where the message went into a file: that is for others to read. */
  readonly receivedSha256: string | undefined;
  readonly receivedBytes: number;
  /** The round trip of each ping during the transfer. */
  readonly pingsMs: readonly number[];
  readonly seconds: number;
}
