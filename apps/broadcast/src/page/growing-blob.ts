/** How much is kept in the page's own memory before it is handed to the browser's. */
const TAIL_BYTES = 2 ** 20;

/**
 * Bytes that come piece by piece and end up as one file. The browser keeps blobs outside of the
 * page's memory, and large ones on its disk.
 */
export class GrowingBlob {
  #blobs: Blob[] = [];
  #tail: Uint8Array<ArrayBuffer>[] = [];
  #tailBytes = 0;

  /** Takes bytes, which must not change any more. */
  append(bytes: Uint8Array<ArrayBuffer>): void {
    this.#tail.push(bytes);
    this.#tailBytes += bytes.byteLength;
    if (this.#tailBytes >= TAIL_BYTES) this.#handOver();
  }

  /**
   * All of it. Its type says nothing of what is in it, so that a browser saves it and never opens it
   * as a page of ours.
   */
  finish(): Blob {
    return new Blob([...this.#blobs, ...this.#tail], { type: 'application/octet-stream' });
  }

  #handOver(): void {
    this.#blobs.push(new Blob(this.#tail));
    this.#tail = [];
    this.#tailBytes = 0;
  }
}
