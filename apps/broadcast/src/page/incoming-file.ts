import { type ChunkHeader, chunkLength } from '../shared/chunk.ts';
import { toFileName } from '../shared/file-name.ts';
import type { ClientMessage, IncomingInfo } from '../shared/wire.ts';
import { Checksum } from './checksum.ts';
import { GrowingBlob } from './growing-blob.ts';
import { Rate } from './rate.ts';

/** How far a file is that this page receives. */
export type IncomingStatus =
  | 'receiving'
  /** The connection is gone. It goes on if the server still has it when it is back. */
  | 'interrupted'
  | 'complete'
  | 'failed'
  | 'cancelled';

/** What three computed of the same file, each for itself. */
export interface Trio {
  readonly sender: string;
  readonly server: string;
  readonly here: string;
}

/** What a file needs of the page around it. */
export interface IncomingHost {
  say(message: ClientMessage): void;
  /** There is something else to show. */
  changed(): void;
  /** It will not get where it should; `problem` says why. */
  failed(file: IncomingFile): void;
}

/** A file that somebody else sends to everybody. */
export class IncomingFile {
  readonly id: number;
  readonly from: string;
  readonly name: string;
  readonly size: number;
  readonly rate = new Rate();
  readonly #host: IncomingHost;
  readonly #checksum = new Checksum();
  #contents: GrowingBlob | undefined = new GrowingBlob();
  #status: IncomingStatus = 'receiving';
  #received = 0;
  #problem = '';
  #checksums: Trio | undefined;
  #url: string | undefined;

  constructor({ id, from, name, size }: IncomingInfo, host: IncomingHost) {
    this.id = id;
    this.from = from;
    this.name = toFileName(name);
    this.size = size;
    this.#host = host;
  }

  get status(): IncomingStatus {
    return this.#status;
  }

  /** How many bytes are here. */
  get received(): number {
    return this.#received;
  }

  /** Why it failed, as a sentence. */
  get problem(): string {
    return this.#problem;
  }

  get checksums(): Trio | undefined {
    return this.#checksums;
  }

  /** Where the file can be saved from, when it is all here and the same as what was sent. */
  get url(): string | undefined {
    return this.#url;
  }

  /** Whether it still may get here. */
  get live(): boolean {
    return this.#status === 'receiving' || this.#status === 'interrupted';
  }

  /** Asks for what is not here yet. */
  want(): void {
    this.#enter('receiving');
    this.#host.say({ type: 'want', id: this.id, from: this.#received });
  }

  /** Takes the next chunk, and says so. */
  take({ offset }: ChunkHeader, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#status !== 'receiving') return;
    if (offset !== this.#received || bytes.byteLength !== chunkLength(offset, this.size)) {
      this.#giveUp('It came in pieces that do not fit together.');
      return;
    }
    this.#checksum.update(bytes);
    this.#contents?.append(bytes);
    this.#received += bytes.byteLength;
    this.rate.note(this.#received, performance.now());
    this.#host.say({ type: 'ack', id: this.id, bytes: this.#received });
    this.#host.changed();
  }

  /** All has been sent: is it the same for everybody? */
  complete(sender: string, server: string): void {
    if (this.#status !== 'receiving') return;
    if (this.#received !== this.size) {
      this.#giveUp('It ended before its end.');
      return;
    }
    const here = this.#checksum.finish();
    this.#checksums = { sender, server, here };
    this.#host.say({ type: 'received', id: this.id, sha256: here });
    const isSame = here === sender && here === server;
    if (isSame) this.#url = URL.createObjectURL(this.#contents?.finish() ?? new Blob());
    this.#contents = undefined;
    this.#enter('complete');
  }

  /** The connection is gone. */
  interrupt(): void {
    if (this.live) this.#enter('interrupted');
  }

  /** It will not get here. */
  fail(problem: string): void {
    if (!this.live) return;
    this.#problem = problem;
    this.#contents = undefined;
    this.#enter('failed');
    this.#host.failed(this);
  }

  /** Not here, whatever the others do. */
  cancel(): void {
    if (!this.live) return;
    this.#host.say({ type: 'cancel', id: this.id });
    this.#contents = undefined;
    this.#enter('cancelled');
  }

  /** Forgets its bytes: it is shown no longer. */
  dispose(): void {
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
  }

  #giveUp(problem: string): void {
    this.#host.say({ type: 'cancel', id: this.id });
    this.fail(problem);
  }

  #enter(status: IncomingStatus): void {
    this.#status = status;
    this.#host.changed();
  }
}
