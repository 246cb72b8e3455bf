/** The most characters (Unicode code points) that the name of a person may have. */
export const MAX_NAME_LENGTH = 32;

/** The most bytes of UTF-8 that the name of a file may have: file systems allow 255. */
export const MAX_FILE_NAME_BYTES = 200;

/**
 * How far a sender may be ahead of what the server has on disk, and the server ahead of what a
 * receiver has taken, in bytes: enough for 10 MB/s over a round trip of 100 ms.
 */
export const WINDOW_BYTES = 2 ** 20;
