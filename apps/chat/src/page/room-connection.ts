import { retryDelayMs } from '@heddle/app-kit/page/backoff';
import { SUBPROTOCOL } from '../shared/subprotocol.ts';
import type { ClientMessage, ServerMessage } from '../shared/wire.ts';

/** What the page can say about its connection. */
export type ConnectionState =
  | { readonly status: 'connecting' }
  | { readonly status: 'online' }
  /** `retryAt`: when the next try begins, in milliseconds since 1970. */
  | { readonly status: 'offline'; readonly retryAt: number };

/** How long to wait for a server that may be gone. */
export interface Patience {
  /** How long the server may take to answer. @default 10,000 */
  readonly answerMs?: number;
  /** How long the connection may be quiet before it is tested. @default 20,000 */
  readonly quietMs?: number;
}

/** What a connection needs. */
export interface ConnectionOptions extends Patience {
  /** The address of the room's socket. */
  readonly url: string;
  /** What to say first on every new connection. */
  readonly greeting: () => ClientMessage;
  readonly onMessage: (message: ServerMessage) => void;
  readonly onState: (state: ConnectionState) => void;
}

/**
 * A connection to a room that comes back by itself. It is `online` from the server's `welcome` until
 * it ends, or until something that was sent stays without an answer: a phone that changed networks,
 * or a laptop that slept, has a socket that looks open and is not.
 */
export class RoomConnection {
  readonly #options: Required<ConnectionOptions>;
  #state: ConnectionState = { status: 'connecting' };
  #socket: WebSocket | undefined;
  #failures = 0;
  /** The next try, while offline; the next test, while online. */
  #nextTimer: Timer;
  /** Runs while an answer is due. */
  #answerTimer: Timer;

  constructor(options: ConnectionOptions) {
    this.#options = { answerMs: 10_000, quietMs: 20_000, ...options };
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Connects, now; or again, if it waits for its next try. Nothing happens if it is connected. */
  connect(): void {
    if (this.#socket !== undefined) return;
    clearTimeout(this.#nextTimer);
    this.#enter({ status: 'connecting' });
    this.#listen(new WebSocket(this.#options.url, SUBPROTOCOL));
    this.#expectAnswer();
  }

  /** Sends, if it is online. False if it is not: then the message is not kept. */
  send(message: ClientMessage): boolean {
    if (this.#state.status !== 'online') return false;
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      // The server has begun to close it, and the browser has not said so yet.
      this.#lose();
      return false;
    }
    this.#socket.send(JSON.stringify(message));
    if (isAnswered(message)) this.#expectAnswer();
    return true;
  }

  /** Finds out now whether the connection is still good; call it when there is reason to doubt. */
  check(): void {
    if (!this.send({ type: 'ping' })) this.connect();
  }

  /** Ends the connection, for good unless `connect` is called. */
  stop(): void {
    this.#leave();
    clearTimeout(this.#nextTimer);
  }

  #listen(socket: WebSocket): void {
    this.#socket = socket;
    // A socket that was given up on may still report something: it is no longer ours.
    const ifOurs = (act: (event: Event) => void) => (event: Event) => {
      if (this.#socket === socket) act(event);
    };
    socket.addEventListener(
      'open',
      ifOurs(() => socket.send(JSON.stringify(this.#options.greeting()))),
    );
    socket.addEventListener('message', (event: MessageEvent<string>) => {
      if (this.#socket === socket) this.#receive(JSON.parse(event.data));
    });
    socket.addEventListener(
      'close',
      ifOurs(() => this.#lose()),
    );
  }

  #receive(message: ServerMessage): void {
    if (message.type === 'welcome') {
      this.#failures = 0;
      this.#enter({ status: 'online' });
    }
    // Before the welcome nothing else will do: a refused greeting is no answer to wait on with.
    if (this.#state.status === 'online') this.#hearAnswer();
    this.#options.onMessage(message);
  }

  #hearAnswer(): void {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    clearTimeout(this.#nextTimer);
    this.#nextTimer = setTimeout(() => this.check(), this.#options.quietMs);
  }

  #expectAnswer(): void {
    this.#answerTimer ??= setTimeout(() => this.#lose(), this.#options.answerMs);
  }

  #lose(): void {
    this.#leave();
    const delayMs = retryDelayMs(this.#failures, Math.random());
    this.#failures += 1;
    clearTimeout(this.#nextTimer);
    this.#nextTimer = setTimeout(() => this.connect(), delayMs);
    this.#enter({ status: 'offline', retryAt: Date.now() + delayMs });
  }

  #leave(): void {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}

type Timer = ReturnType<typeof setTimeout> | undefined;

/** True if the server answers this at once, whatever the answer is. */
function isAnswered({ type }: ClientMessage): boolean {
  return type === 'say' || type === 'earlier' || type === 'ping';
}
