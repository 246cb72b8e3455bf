import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../src/message.ts';
import { Endpoint, messageEvent, ROLES, type Role, toEndpoint } from './endpoint.ts';
import { joinBytes, toHex } from './hex.ts';
import { rsv1, ScriptedInflater } from './scripted-inflater.ts';
import { cutAt, STREAM_LIMITS, validStream } from './stream-arbitrary.ts';

/** What reads are lent from, one after the other. */
const lender = new Uint8Array(2 ** 16);

/** Lends the bytes, and takes them back by writing over them. */
function lend(endpoint: Endpoint, bytes: Uint8Array): void {
  lender.set(bytes, 7);
  endpoint.protocol.receive(lender.subarray(7, 7 + bytes.byteLength), true);
  lender.fill(0xa5);
}

interface Kept {
  readonly endpoint: Endpoint;
  /** What the sink was given, as it was given. */
  readonly messages: Message[];
  readonly pieces: Uint8Array[];
  readonly controls: Uint8Array[];
}

/** An endpoint whose sink keeps all that it is given, and `pauses` after each message. */
function keeping(role: Role, pauses: boolean, options = {}): Kept {
  const [messages, pieces, controls]: [Message[], Uint8Array[], Uint8Array[]] = [[], [], []];
  const pause = () => {
    if (pauses) endpoint.protocol.pause();
  };
  const endpoint: Endpoint = new Endpoint(
    role,
    { limits: STREAM_LIMITS, ...options },
    {
      message: (message) => {
        messages.push(message);
        pause();
      },
      messagePiece: (piece) => {
        pieces.push(piece);
        pause();
      },
      ping: (payload) => controls.push(payload),
      pong: (payload) => controls.push(payload),
    },
  );
  return { endpoint, messages, pieces, controls };
}

function resumeAll({ protocol }: Endpoint): void {
  while (protocol.suspended) protocol.resume();
}

describe.each(ROLES)('A %s keeps nothing of bytes that were lent to it', (role) => {
  const cuts = fc.array(fc.nat(), { maxLength: 12 });

  it.each([false, true])('but copies: whole messages (paused: %s)', (pauses) => {
    fc.assert(
      fc.property(validStream(role), cuts, (stream, offsets) => {
        const { endpoint, messages, controls } = keeping(role, pauses);
        for (const piece of cutAt(stream.bytes, offsets)) {
          lend(endpoint, piece);
          resumeAll(endpoint);
        }
        expect(endpoint.events).toEqual(stream.events);
        const sent = stream.events.filter(
          (event) => typeof event === 'object' && 'message' in event,
        );
        expect(messages.map(messageEvent)).toEqual(sent);
        const told = endpoint.events.flatMap((event) => {
          if (typeof event !== 'object') return [];
          if ('ping' in event) return [event.ping];
          return 'pong' in event ? [event.pong] : [];
        });
        expect(controls.map(toHex)).toEqual(told);
      }),
      { numRuns: 200 },
    );
  });

  it.each([false, true])('but copies: messages in pieces (paused: %s)', (pauses) => {
    fc.assert(
      fc.property(validStream(role), cuts, (stream, offsets) => {
        const { endpoint, pieces } = keeping(role, pauses);
        endpoint.protocol.streaming = true;
        for (const piece of cutAt(stream.bytes, offsets)) {
          lend(endpoint, piece);
          resumeAll(endpoint);
        }
        const told = endpoint.events.flatMap((event) =>
          typeof event === 'object' && 'piece' in event ? [event.piece] : [],
        );
        expect(pieces.map(toHex)).toEqual(told);
      }),
      { numRuns: 200 },
    );
  });

  it('but copies: what an inflater has not read yet', () => {
    const inflater = new LateInflater();
    const { endpoint, messages } = keeping(role, false, { extensions: rsv1, inflater });
    const compressed = { opcode: 2, rsv: 4, payload: Uint8Array.of(1, 2, 3) };
    const plain = { opcode: 2, payload: Uint8Array.of(4) };
    inflater.readyPulls = 0;
    lend(endpoint, joinBytes([toEndpoint(role, compressed), toEndpoint(role, plain)]));
    expect(messages).toEqual([]);
    inflater.readyPulls = 9;
    resumeAll(endpoint);
    expect(messages).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
  });
});

/** One that reads what it was given when it is asked for it, as a thread pool does. */
class LateInflater extends ScriptedInflater {
  #pushed: Uint8Array | undefined;

  override get drained(): boolean {
    return this.#pushed === undefined && super.drained;
  }

  override push(bytes: Uint8Array, last: boolean): void {
    this.lasts.push(last);
    this.#pushed = bytes;
  }

  override pull(): Uint8Array | undefined {
    if (this.readyPulls-- <= 0) return undefined;
    const piece = this.#pushed?.slice();
    this.#pushed = undefined;
    return piece;
  }
}
