import { byteText } from '../shared/byte-text.ts';
import { CHUNK_HEADER_BYTES, readChunkHeader } from '../shared/chunk.ts';
import type { IncomingInfo, PersonInfo, ServerMessage, Welcome } from '../shared/wire.ts';
import { IncomingFile } from './incoming-file.ts';
import { OutgoingFile } from './outgoing-file.ts';
import { deliveredText } from './progress-text.ts';
import { type LineState, ServerLine } from './server-line.ts';

/** What a session tells the page. */
export interface SessionListener {
  /** Something is different than it was. */
  onChange(): void;
  /** Something has happened that people should hear of. */
  onNews(sentence: string): void;
  onConnection(state: LineState): void;
}

/** Everything that the page knows and does; the views show it. */
export class Session {
  readonly line: ServerLine;
  readonly #listener: SessionListener;
  readonly #host;
  #name: string;
  #outgoing: OutgoingFile[] = [];
  #incoming: IncomingFile[] = [];
  /** What the server means by a number; forgotten when it is another server. */
  readonly #sent = new Map<number, OutgoingFile>();
  readonly #received = new Map<number, IncomingFile>();
  #welcome: Welcome | undefined;
  #people: readonly PersonInfo[] = [];
  #lastRef = 0;
  /** Why the server does not want this page, as a sentence. */
  #goodbye = '';

  constructor(name: string, listener: SessionListener) {
    this.#name = name;
    this.#listener = listener;
    this.line = new ServerLine({
      url: () => socketUrl(this.#name),
      onMessage: (message) => this.#hear(message),
      onChunk: (message) => this.#takeChunk(message),
      onState: (state) => this.#lineChanged(state),
    });
    this.#host = {
      say: this.line.say.bind(this.line),
      send: this.line.send.bind(this.line),
      changed: () => this.#listener.onChange(),
      failed: ({ name, problem }: { readonly name: string; readonly problem: string }) =>
        this.#listener.onNews(`${name}: ${problem}`),
    };
  }

  get name(): string {
    return this.#name;
  }

  get you(): number | undefined {
    return this.#welcome?.you;
  }

  get people(): readonly PersonInfo[] {
    return this.#people;
  }

  /** The newest first. */
  get outgoing(): readonly OutgoingFile[] {
    return this.#outgoing;
  }

  /** The newest first. */
  get incoming(): readonly IncomingFile[] {
    return this.#incoming;
  }

  get goodbye(): string {
    return this.#goodbye;
  }

  /** Whether somebody would lose something if this page were closed now. */
  get busy(): boolean {
    const isSending = this.#outgoing.some(({ live, status }) => live && status !== 'stored');
    return isSending || this.#incoming.some(({ live }) => live);
  }

  rename(name: string): void {
    this.#name = name;
    this.line.say({ type: 'rename', name });
    this.#listener.onChange();
  }

  /** Sends files to everybody, as soon as it is their turn. */
  share(files: Iterable<File>): void {
    for (const file of files) {
      const outgoing = new OutgoingFile(++this.#lastRef, file, this.#host);
      this.#outgoing.unshift(outgoing);
      const most = this.#welcome?.maxFileBytes ?? Number.POSITIVE_INFINITY;
      if (file.size > most) {
        outgoing.fail(`It is too large: this server takes files of up to ${byteText(most)}.`);
      }
    }
    this.#offerNext();
  }

  /** Sends a file once more, as a new one in the place of the old. */
  shareAgain(old: OutgoingFile): void {
    this.forget(old);
    this.share([old.file]);
  }

  cancel(file: OutgoingFile | IncomingFile): void {
    file.cancel();
    this.#offerNext();
  }

  /** Shows a file no longer. What has arrived is gone unless it was saved. */
  forget(file: OutgoingFile | IncomingFile): void {
    this.#outgoing = this.#outgoing.filter((other) => other !== file);
    this.#incoming = this.#incoming.filter((other) => other !== file);
    if (file instanceof IncomingFile) file.dispose();
    this.#listener.onChange();
  }

  #hear(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#enter(message);
        break;
      case 'people':
        this.#people = message.people;
        break;
      case 'goodbye':
        this.#goodbye = message.message;
        break;
      case 'pong':
        break;
      case 'incoming':
        this.#receive(message);
        break;
      case 'accepted':
        this.#accept(message.id, this.#offered(message.ref));
        break;
      case 'refused':
        this.#offered(message.ref)?.refused(message);
        break;
      default:
        this.#hearOfFile(message);
    }
    this.#offerNext();
    this.#listener.onChange();
  }

  #offered(reference: number): OutgoingFile | undefined {
    return this.#outgoing.find(({ ref }) => ref === reference);
  }

  #accept(id: number, file: OutgoingFile | undefined): void {
    // It is no longer shown, so nobody could cancel it.
    if (file === undefined) this.line.say({ type: 'cancel', id });
    else this.#sent.set(id, file);
    file?.accepted(id);
  }

  #hearOfFile(message: Extract<ServerMessage, { readonly id: number }>): void {
    const sent = this.#sent.get(message.id);
    const received = this.#received.get(message.id);
    if (message.type === 'taken') sent?.took(message.bytes);
    if (message.type === 'stored') sent?.stored(message.sha256);
    if (message.type === 'progress') sent?.progress(message.receivers);
    if (message.type === 'delivered' && sent !== undefined) {
      sent.delivered(message.receivers);
      this.#listener.onNews(`${sent.name}: ${deliveredText(message.receivers)}`);
    }
    if (message.type === 'complete') this.#complete(message, received);
    if (message.type === 'ended') (sent ?? received)?.fail(message.message);
  }

  #complete(
    { senderSha256, serverSha256 }: Extract<ServerMessage, { readonly type: 'complete' }>,
    file: IncomingFile | undefined,
  ): void {
    file?.complete(senderSha256, serverSha256);
    if (file?.status !== 'complete') return;
    const verdict =
      file.url === undefined ? 'and is not the same as what was sent' : 'and verified';
    this.#listener.onNews(`${file.name} from ${file.from} is here, ${verdict}.`);
  }

  #enter(welcome: Welcome): void {
    const isSameServer = this.#welcome?.epoch === welcome.epoch;
    this.#welcome = welcome;
    this.#people = welcome.people;
    this.#goodbye = '';
    const stillThere = new Set(isSameServer ? welcome.incoming.map(({ id }) => id) : []);
    for (const file of this.#incoming) {
      if (stillThere.has(file.id)) continue;
      file.fail(`The server no longer has it. Ask ${file.from} to send ${file.name} again.`);
    }
    if (!isSameServer) {
      this.#sent.clear();
      this.#received.clear();
    }
    for (const info of welcome.incoming) this.#resume(info);
  }

  /** A file that was on its way before the connection was lost, or that has come since. */
  #resume(info: IncomingInfo): void {
    const { id } = info;
    const known = this.#received.get(id);
    if (known?.live === true) known.want();
    else if (known !== undefined || this.#sent.has(id)) this.line.say({ type: 'cancel', id });
    else this.#receive(info);
  }

  #receive(info: IncomingInfo): void {
    const file = new IncomingFile(info, this.#host);
    this.#incoming.unshift(file);
    this.#received.set(file.id, file);
    this.#listener.onNews(`${file.from} is sending ${file.name}, ${byteText(file.size)}.`);
    file.want();
  }

  #takeChunk(message: Uint8Array<ArrayBuffer>): void {
    const header = readChunkHeader(message);
    if (header === undefined) return;
    this.#received.get(header.id)?.take(header, message.subarray(CHUNK_HEADER_BYTES));
  }

  #lineChanged(state: LineState): void {
    if (state.status === 'connecting') this.#goodbye = '';
    if (state.status === 'offline') {
      for (const file of this.#incoming) file.interrupt();
      for (const file of this.#outgoing) {
        if (file.status === 'waiting') continue;
        file.fail(file.status === 'stored' ? LOST_SIGHT : LOST_LINE);
      }
    }
    this.#listener.onConnection(state);
    this.#listener.onChange();
  }

  /** Offers what waits, in the order in which it was chosen, as far as the server allows. */
  #offerNext(): void {
    if (this.line.state.status !== 'online' || this.#people.length < 2) return;
    const isUnderWay = ({ status }: OutgoingFile) => status === 'offered' || status === 'sending';
    const room = (this.#welcome?.maxUploads ?? 1) - this.#outgoing.filter(isUnderWay).length;
    const waiting = this.#outgoing.filter(({ status }) => status === 'waiting').reverse();
    for (const file of waiting.slice(0, Math.max(0, room))) file.offer();
  }
}

const LOST_LINE = 'The connection was lost before all of it was sent.';
const LOST_SIGHT =
  'The connection was lost when the server had all of it, so this page cannot say who has it.';

function socketUrl(name: string): string {
  const url = new URL('/socket', location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('name', name);
  return url.href;
}
