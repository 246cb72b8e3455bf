import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A file on disk that grows at its end and can be read anywhere. It has no name: its name is removed
 * as soon as it is open, so however this process ends, the system takes the bytes back.
 */
export class Spool {
  readonly #file: FileHandle;
  #bytes = 0;

  /** Takes an empty file, open for reading and writing, and closes it in the end. */
  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Makes an empty one on the disk of this folder, which must exist. */
  static async create(folder: string): Promise<Spool> {
    const path = join(folder, `heddle-broadcast-${randomUUID()}`);
    const file = await open(path, 'wx+', 0o600);
    try {
      await unlink(path);
    } catch (error) {
      await file.close();
      throw error;
    }
    return new Spool(file);
  }

  /** How many bytes it has. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds bytes, one call at a time; they are the caller's again when this resolves. */
  async append(bytes: Uint8Array): Promise<void> {
    let written = 0;
    // One call may write less than it was given.
    while (written < bytes.byteLength) {
      const rest = bytes.subarray(written);
      const result = await this.#file.write(rest, 0, rest.byteLength, this.#bytes + written);
      written += result.bytesWritten;
    }
    this.#bytes += bytes.byteLength;
  }

  /** Fills `target` with what is at `position`. Rejects if it does not have as much. */
  async read(target: Uint8Array, position: number): Promise<void> {
    let read = 0;
    while (read < target.byteLength) {
      const rest = target.subarray(read);
      const { bytesRead } = await this.#file.read(rest, 0, rest.byteLength, position + read);
      if (bytesRead === 0) throw new Error(`The spool has nothing at ${position + read}`);
      read += bytesRead;
    }
  }

  /** Gives the bytes back to the disk, after what is being read and written. */
  async close(): Promise<void> {
    await this.#file.close();
  }
}
