import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../src/message.ts';
import { purePrimitives } from '../src/primitives.ts';
import { Slab } from '../src/slab.ts';
import { Endpoint, messageEvent, ROLES, type Role } from './endpoint.ts';
import { joinBytes, toHex } from './hex.ts';
import { decodeFrames, type WireFrame } from './reference-decoder.ts';
import { cutAt } from './stream-arbitrary.ts';

/** Every length at which the form of the header changes, or how we pass the payload on. */
const LENGTHS = [0, 1, 47, 125, 126, 127, 16_384, 16_385, 65_535, 65_536, 65_537, 200_000];

const ofLength = fc.constantFrom(...LENGTHS);

const message: fc.Arbitrary<Message> = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: ofLength.map((length) => Uint8Array.from({ length }, (_, i) => i * 31)),
  },
  { weight: 1, arbitrary: ofLength.map((length) => 'x'.repeat(length)) },
);

describe.each(ROLES)('law 6: what a %s encodes', (role) => {
  const peerRole: Role = role === 'client' ? 'server' : 'client';

  it('its peer decodes to the same, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        (messages, cuts) => {
          const peer = new Endpoint(peerRole);
          for (const piece of cutAt(encode(role, messages), cuts)) peer.receive(piece);
          expect(peer.events).toEqual(messages.map(messageEvent));
        },
      ),
    );
  });

  it('stands in whole frames with the shortest headers, as an independent decoder reads them', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
        const frames = decodeFrames(encode(role, messages)).map(readable);
        expect(frames).toEqual(messages.map((one) => expectedFrame(role, one)));
      }),
    );
  });

  it.each(LENGTHS)('has the shortest header for %i bytes', (length) => {
    const frames = decodeFrames(encode(role, [new Uint8Array(length)])).map(readable);
    expect(frames).toEqual([expectedFrame(role, new Uint8Array(length))]);
  });

  it('comes back whole when it is sent in fragments with pings in between', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 6 }),
        (fragments) => {
          const peer = new Endpoint(peerRole);
          const { protocol } = new Endpoint(role);
          for (const [index, fragment] of fragments.entries()) {
            protocol.sendFragment(fragment, index === fragments.length - 1);
            protocol.ping(Uint8Array.of(index));
          }
          for (const chunk of protocol.takeOutput()) peer.receive(chunk);
          const messages = peer.events.filter((event) => event !== 'end' && 'message' in event);
          expect(messages).toEqual([{ message: fragments.join('') }]);
          expect(peer.events).toHaveLength(fragments.length + 1);
        },
      ),
    );
  });

  it('is not disturbed by others who write into the same slab, nor by when it is taken', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), message, fc.boolean()), { maxLength: 12 }),
        (sends) => {
          const slab = new Slab(purePrimitives);
          const ends = [0, 1, 2].map(() => new Endpoint(role, { slab }));
          for (const [index, one, take] of sends) {
            ends[index]?.protocol.send(one);
            if (take) ends[index]?.written();
          }
          for (const [index, end] of ends.entries()) {
            const own = sends.filter(([sender]) => sender === index).map(([, one]) => one);
            const peer = new Endpoint(peerRole).receive(end.written());
            expect(peer.events).toEqual(own.map(messageEvent));
          }
        },
      ),
    );
  });
});

function encode(role: Role, messages: readonly Message[]): Uint8Array {
  const { protocol } = new Endpoint(role);
  for (const one of messages) protocol.send(one);
  const { outputBytes } = protocol;
  const bytes = joinBytes(protocol.takeOutput());
  expect(bytes.byteLength).toBe(outputBytes);
  return bytes;
}

/** A large string is compared much faster than a large array. */
function readable({ payload, ...fields }: WireFrame): object {
  return { ...fields, payload: toHex(payload) };
}

function expectedFrame(role: Role, one: Message): object {
  const payload = typeof one === 'string' ? new TextEncoder().encode(one) : one;
  const { byteLength } = payload;
  const extended = byteLength < 126 ? 0 : byteLength < 65_536 ? 2 : 8;
  const masked = role === 'client';
  return {
    fin: true,
    rsv: 0,
    opcode: typeof one === 'string' ? 1 : 2,
    masked,
    headerLength: 2 + extended + (masked ? 4 : 0),
    payload: toHex(payload),
  };
}
