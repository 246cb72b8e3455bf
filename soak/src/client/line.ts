import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CloseInfo, type Connection, connect } from '@heddle/node';
import { Ledger } from './ledger.ts';
import type { Surroundings } from './surroundings.ts';
import type { Tally } from './tally.ts';

/** A connection of Heddle's client, the TCP connection under it, and what is under way on it. */
export class Line {
  readonly #socket: Connection;
  readonly #tcp: Socket;
  readonly #ledger: Ledger;
  readonly #tally: Tally;
  readonly #name: string;
  readonly #patienceMs: number;
  #leaving = false;

  private constructor(socket: Connection, tcp: Socket, surroundings: Surroundings) {
    const { name, patienceMs, tally } = surroundings;
    this.#socket = socket;
    this.#tcp = tcp;
    this.#name = `${name} (${socket.extensions.join() || 'plain'})`;
    this.#ledger = new Ledger(tally, this.#name);
    this.#tally = tally;
    this.#patienceMs = patienceMs;
    tally.add('connections');
    socket.on('message', (message) => this.#ledger.received(message));
    socket.on('close', (info) => this.#closed(info));
  }

  static async open(surroundings: Surroundings): Promise<Line> {
    const { dice, path, patienceMs, port } = surroundings;
    const tcp = connectTcp({ port, host: '127.0.0.1' });
    const socket = await connect(`ws://127.0.0.1:${port}${path}`, {
      createConnection: () => tcp,
      compression: dice.chance(0.5),
      handshakeTimeoutMs: patienceMs,
    });
    return new Line(socket, tcp, surroundings);
  }

  /** Whether it has not ended, be it by itself. */
  get open(): boolean {
    return this.#socket.state === 'open';
  }

  send(message: string | Buffer): void {
    this.#ledger.sent(message);
    this.#socket.send(message);
  }

  /** Sends a message in fragments of so many bytes. */
  async sendStream(message: string | Buffer, fragmentBytes: number): Promise<void> {
    this.#ledger.sent(message);
    await this.#socket.sendStream([message], { fragmentBytes });
  }

  /** Closes once everything has come back: then nothing may be missing. */
  async close(code: number, reason: string): Promise<void> {
    await this.#ledger.settle(this.#patienceMs);
    if (!this.open) return await this.ended();
    this.#leaving = true;
    const info = await this.#socket.close(code, reason);
    // §5.5.1: the answer echoes the code, and has no reason of its own.
    this.#expect(info, { code, wasClean: true });
    if (info.error !== undefined) this.#wrong(`closed with ${info.error}`);
  }

  /** Breaks the connection (RST), with all that is under way. */
  async kill(): Promise<void> {
    this.#leaving = true;
    this.#tcp.resetAndDestroy();
    this.#expect(await this.#socket.closed, { code: 1006, wasClean: false });
  }

  /** Ends our half of TCP without a close frame: the server must then end its own. */
  async halfClose(): Promise<void> {
    this.#leaving = true;
    this.#tcp.end();
    const info = await Promise.race([this.#socket.closed, sleep(this.#patienceMs)]);
    if (info !== undefined) this.#expect(info, { code: 1006, wasClean: false });
    else this.#wrong('a half-closed connection did not end');
    this.#socket.destroy();
  }

  /** Resolves when it has ended by itself, which is counted by then. */
  async ended(): Promise<void> {
    await this.#socket.closed;
  }

  #closed({ code, reason, error }: CloseInfo): void {
    if (this.#leaving) return;
    this.#wrong(`ended by itself with ${code} ${reason} ${error ?? ''}`);
    this.#ledger.writeOff('the connection ended');
  }

  #expect({ code, wasClean }: CloseInfo, expected: Pick<CloseInfo, 'code' | 'wasClean'>): void {
    if (code === expected.code && wasClean === expected.wasClean) return;
    this.#wrong(`closed with ${code} instead of ${expected.code}, wasClean ${wasClean}`);
  }

  #wrong(what: string): void {
    this.#tally.fault('wrongCloses', `${this.#name}: ${what}`);
  }
}
