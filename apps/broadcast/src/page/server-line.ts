import { retryDelayMs } from '@heddle/app-kit/page/backoff';
import { SUBPROTOCOL } from '../shared/subprotocol.ts';
import type { ClientMessage, ServerMessage } from '../shared/wire.ts';

/** What the page can say about its connection. */
export type LineState =
  | { readonly status: 'connecting' }
  | { readonly status: 'online' }
  /** `retryAt`: when the next try begins, in milliseconds since 1970. */
  | { readonly status: 'offline'; readonly retryAt: number };

/** How long the server may be silent before it is asked whether it is there, and then again. */
const QUIET_MS = 20_000;
/** A chunk counts when all of it has come, which takes its time on a slow network. */
const ANSWER_MS = 30_000;

/** What a line needs. */
export interface LineOptions {
  /** The address of the socket, each time anew. */
  readonly url: () => string;
  readonly onMessage: (message: ServerMessage) => void;
  readonly onChunk: (message: Uint8Array<ArrayBuffer>) => void;
  readonly onState: (state: LineState) => void;
}

/**
 * A connection to the server that comes back by itself. It is `online` from the server's `welcome`
 * until it ends, or until the server is silent although it was asked: a phone that changed networks,
 * or a laptop that slept, has a socket that looks open and is not.
 */
export class ServerLine {
  readonly #options: LineOptions;
  #state: LineState = { status: 'connecting' };
  #socket: WebSocket | undefined;
  #failures = 0;
  /** The next try while offline; while not, until when something should have been heard. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  get state(): LineState {
    return this.#state;
  }

  /** Connects, now. Nothing happens if it is connected, or about to be. */
  connect(): void {
    if (this.#socket !== undefined) return;
    this.#enter({ status: 'connecting' });
    this.#wait(ANSWER_MS, () => this.#lose());
    this.#listen(new WebSocket(this.#options.url(), SUBPROTOCOL));
  }

  /** Says something, if it is online; what is said when it is not, is lost. */
  say(message: ClientMessage): void {
    this.send(JSON.stringify(message));
  }

  /** Sends bytes, which are copied, if it is online. */
  send(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#state.status !== 'online') return;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(message);
    // The server has begun to close it, and the browser has not said so yet.
    else this.#lose();
  }

  /** Finds out now whether the connection is still good; call it when there is reason to doubt. */
  check(): void {
    if (this.#state.status === 'online') {
      this.#wait(ANSWER_MS, () => this.#lose());
      this.say({ type: 'ping' });
    } else {
      this.connect();
    }
  }

  #listen(socket: WebSocket): void {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      // A socket that was given up on may still report something: it is no longer ours.
      if (this.#socket === socket) this.#receive(data);
    });
    socket.addEventListener('close', () => {
      if (this.#socket === socket) this.#lose();
    });
  }

  #receive(data: string | ArrayBuffer): void {
    this.#wait(QUIET_MS, () => this.check());
    if (typeof data === 'string') this.#hear(JSON.parse(data));
    else this.#options.onChunk(new Uint8Array(data));
  }

  #hear(message: ServerMessage): void {
    if (message.type === 'welcome') {
      this.#failures = 0;
      this.#enter({ status: 'online' });
    }
    this.#options.onMessage(message);
  }

  #lose(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    const delayMs = retryDelayMs(this.#failures, Math.random());
    this.#failures += 1;
    this.#wait(delayMs, () => this.connect());
    this.#enter({ status: 'offline', retryAt: Date.now() + delayMs });
  }

  #wait(delayMs: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, delayMs);
  }

  #enter(state: LineState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}
