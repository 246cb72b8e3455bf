import { CHUNK_HEADER_BYTES } from '../shared/chunk.ts';
import { toFileName } from '../shared/file-name.ts';
import { WINDOW_BYTES } from '../shared/limits.ts';
import type { ClientMessage, Receivers, Refused } from '../shared/wire.ts';
import { Checksum } from './checksum.ts';
import { FilePieces } from './file-pieces.ts';
import { Rate } from './rate.ts';

/** How far a file is that this page sends. */
export type OutgoingStatus =
  | 'waiting'
  | 'offered'
  | 'sending'
  /** The server has all of it, and not yet everybody. */
  | 'stored'
  | 'delivered'
  | 'failed'
  | 'cancelled';

/** What a file needs of the page around it. */
export interface OutgoingHost {
  say(message: ClientMessage): void;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** There is something else to show. */
  changed(): void;
  /** It will not get where it should; `problem` says why. */
  failed(file: OutgoingFile): void;
}

const NOBODY: Receivers = { total: 0, have: 0, different: 0, slowestBytes: 0 };

/** A file that this page sends to everybody. */
export class OutgoingFile {
  /** The page's own number of it; a new one each time it is sent again. */
  readonly ref: number;
  readonly name: string;
  readonly file: File;
  readonly rate = new Rate();
  readonly #host: OutgoingHost;
  readonly #pieces: FilePieces;
  readonly #checksum = new Checksum();
  #status: OutgoingStatus = 'waiting';
  #id: number | undefined;
  #taken = 0;
  #receivers = NOBODY;
  #problem = '';
  #sha256: string | undefined;
  #serverSha256: string | undefined;
  #pumping = false;

  constructor(ref: number, file: File, host: OutgoingHost) {
    this.ref = ref;
    this.file = file;
    this.name = toFileName(file.name);
    this.#host = host;
    this.#pieces = new FilePieces(file);
  }

  get status(): OutgoingStatus {
    return this.#status;
  }

  /** What the server calls it, from when it was accepted on. */
  get id(): number | undefined {
    return this.#id;
  }

  /** How many bytes the server has. */
  get taken(): number {
    return this.#taken;
  }

  get receivers(): Receivers {
    return this.#receivers;
  }

  /** Why it failed, as a sentence. */
  get problem(): string {
    return this.#problem;
  }

  /** The checksum of what was sent, and of what the server has, when both are known. */
  get checksums(): { readonly sender: string; readonly server: string } | undefined {
    if (this.#sha256 === undefined || this.#serverSha256 === undefined) return undefined;
    return { sender: this.#sha256, server: this.#serverSha256 };
  }

  /** Whether it still may get somewhere. */
  get live(): boolean {
    return !['delivered', 'failed', 'cancelled'].includes(this.#status);
  }

  /** Asks the server to take it. */
  offer(): void {
    this.#enter('offered');
    this.#host.say({ type: 'offer', ref: this.ref, name: this.name, size: this.file.size });
  }

  accepted(id: number): void {
    this.#id = id;
    if (this.#status === 'cancelled') {
      this.#host.say({ type: 'cancel', id });
      return;
    }
    this.#enter('sending');
    void this.#pump();
  }

  refused({ code, message }: Refused): void {
    if (this.#status !== 'offered') return;
    // Somebody has left just now, or another file is not quite done: it waits as before.
    if (code === 'alone' || code === 'too_many') this.#enter('waiting');
    else this.fail(message);
  }

  /** The server has so many bytes on its disk. */
  took(bytes: number): void {
    this.#taken = bytes;
    this.rate.note(bytes, performance.now());
    this.#host.changed();
    void this.#pump();
  }

  stored(serverSha256: string): void {
    this.#serverSha256 = serverSha256;
    if (this.#status === 'sending') this.#enter('stored');
  }

  progress(receivers: Receivers): void {
    this.#receivers = receivers;
    this.#host.changed();
  }

  delivered(receivers: Receivers): void {
    this.#receivers = receivers;
    if (this.live) this.#enter('delivered');
  }

  /** It will not arrive; a cancelled one stays cancelled. */
  fail(problem: string): void {
    if (!this.live) return;
    this.#problem = problem;
    this.#enter('failed');
    this.#host.failed(this);
  }

  /** Takes it back from everybody who has not all of it. */
  cancel(): void {
    if (!this.live) return;
    this.#enter('cancelled');
    if (this.#id !== undefined) this.#host.say({ type: 'cancel', id: this.#id });
  }

  /** Sends as long as the window is open; the next `took` goes on from there. */
  async #pump(): Promise<void> {
    if (this.#pumping || this.#id === undefined || this.#status !== 'sending') return;
    this.#pumping = true;
    try {
      await this.#sendWindow(this.#id);
    } catch {
      this.#host.say({ type: 'cancel', id: this.#id });
      this.fail('It could not be read: it was changed, moved or removed meanwhile.');
    }
    this.#pumping = false;
  }

  async #sendWindow(id: number): Promise<void> {
    const { file } = this;
    while (!this.#pieces.done && this.#pieces.offset - this.#taken < WINDOW_BYTES) {
      const message = await this.#pieces.next(id);
      if (this.#status !== 'sending') return;
      this.#checksum.update(message.subarray(CHUNK_HEADER_BYTES));
      this.#host.send(message);
    }
    if (this.#sha256 !== undefined || this.#pieces.offset !== file.size) return;
    this.#sha256 = this.#checksum.finish();
    this.#host.say({ type: 'end', id, sha256: this.#sha256 });
  }

  #enter(status: OutgoingStatus): void {
    this.#status = status;
    this.#host.changed();
  }
}
