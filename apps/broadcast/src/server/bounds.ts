/** What the server takes, at most. */
export interface Bounds {
  /**
   * Bytes in one file.
   * @default 2 ** 31, 2 GiB
   */
  readonly maxFileBytes: number;
  /**
   * Bytes of all files that are on their way, which is what the disk must have free. A file counts in
   * full from its first byte on.
   * @default 2 ** 33, 8 GiB
   */
  readonly maxSpoolBytes: number;
  /**
   * Files that one person is sending at the same time; those that only wait for slow receivers do
   * not count. The page sends the next one when there is room.
   * @default 3
   */
  readonly maxUploads: number;
  /**
   * Files of everybody that are on their way.
   * @default 200
   */
  readonly maxTransfers: number;
  /**
   * People who are here, which is to say connections.
   * @default 100
   */
  readonly maxPeople: number;
  /**
   * How long a sender may send nothing, or a receiver take nothing, in milliseconds.
   * @default 60_000
   */
  readonly stallMs: number;
  /**
   * How long a file that nobody receives any more waits for somebody to come back whose connection
   * was lost, in milliseconds.
   * @default 15_000
   */
  readonly lingerMs: number;
}

export const defaultBounds: Bounds = {
  maxFileBytes: 2 ** 31,
  maxSpoolBytes: 2 ** 33,
  maxUploads: 3,
  maxTransfers: 200,
  maxPeople: 100,
  stallMs: 60_000,
  lingerMs: 15_000,
};
