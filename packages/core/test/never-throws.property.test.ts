import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError, UsageError } from '../src/errors.ts';
import type { Protocol } from '../src/protocol.ts';
import { Endpoint, ROLES, type Role } from './endpoint.ts';
import { invalidStream, STREAM_LIMITS, validStream } from './stream-arbitrary.ts';

/** Everything that an application can do, with what it is free to choose. */
const call: fc.Arbitrary<(protocol: Protocol) => void> = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => (protocol: Protocol) => protocol.send(text)),
  fc.uint8Array().map((bytes) => (protocol: Protocol) => protocol.send(bytes)),
  fc.tuple(fc.string({ unit: 'binary' }), fc.boolean()).map(
    ([text, fin]) =>
      (protocol: Protocol) =>
        protocol.sendFragment(text, fin),
  ),
  fc.uint8Array({ maxLength: 130 }).map((bytes) => (protocol: Protocol) => protocol.ping(bytes)),
  fc.uint8Array({ maxLength: 130 }).map((bytes) => (protocol: Protocol) => protocol.pong(bytes)),
  fc.constant((protocol: Protocol) => protocol.answerPing()),
  fc.tuple(fc.constantFrom(undefined, 1000, 1005, 3000), fc.string({ maxLength: 130 })).map(
    ([code, reason]) =>
      (protocol: Protocol) =>
        protocol.close(code, reason),
  ),
  fc.constant((protocol: Protocol) => protocol.fail(new ProtocolError('WS_SLOW_CONSUMER'))),
  fc.constant((protocol: Protocol) => protocol.receiveEnd()),
  fc.constant((protocol: Protocol) => void protocol.takeOutput()),
);

/** Calls, each with how many bytes are read before it. */
const calls = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), call), { maxLength: 30 });

describe.each(ROLES)('law 4 for a %s: nothing that a peer sends makes it throw', (role) => {
  it('not random bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 8 }), (reads) => {
        const endpoint = open(role);
        for (const read of reads) endpoint.receive(read);
        expectSound(endpoint);
      }),
      { numRuns: 2000 },
    );
  });

  it('not a frame that begins well and goes on at random', () => {
    const maskBit = role === 'server' ? 0x80 : 0;
    fc.assert(
      fc.property(
        fc.constantFrom(0x81, 0x82, 0x01, 0x02, 0x88, 0x89, 0x8a),
        fc.integer({ min: 0, max: 127 }),
        fc.uint8Array({ maxLength: 300 }),
        (first, length, rest) => {
          expectSound(open(role).receive(Uint8Array.of(first, maskBit + length, ...rest)));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('not a good stream in which octets were changed, lost or doubled', () => {
    const mutation = fc.tuple(fc.nat(), fc.constantFrom('change', 'lose', 'double'), fc.nat(255));
    fc.assert(
      fc.property(
        fc.oneof(validStream(role), invalidStream(role)),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        ({ bytes }, mutations) => {
          const octets = [...bytes];
          for (const [place, kind, octet] of mutations) {
            const index = place % (octets.length + 1);
            const instead = { change: [octet], lose: [], double: [octets[index] ?? octet, octet] };
            octets.splice(index, 1, ...instead[kind as keyof typeof instead]);
          }
          expectSound(open(role).receive(Uint8Array.from(octets)));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('not with anything called in between, and calls throw UsageError alone', () => {
    fc.assert(
      fc.property(fc.oneof(validStream(role), invalidStream(role)), calls, ({ bytes }, all) => {
        const endpoint = open(role);
        exercise(endpoint, bytes, all);
        expectSound(endpoint);
      }),
      { numRuns: 1000 },
    );
  });

  it('and what it writes meanwhile breaks no rule that its peer knows', () => {
    fc.assert(
      fc.property(fc.oneof(validStream(role), invalidStream(role)), calls, ({ bytes }, all) => {
        const peer = new Endpoint(role === 'client' ? 'server' : 'client');
        const endpoint: Endpoint = open(role, () => {
          for (const chunk of endpoint.protocol.takeOutput()) peer.receive(chunk);
        });
        exercise(endpoint, bytes, all);
        expect(peer.error).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});

function open(role: Role, output: () => void = () => undefined): Endpoint {
  return new Endpoint(role, { limits: STREAM_LIMITS }, { output });
}

function exercise(
  endpoint: Endpoint,
  bytes: Uint8Array,
  all: readonly (readonly [number, (protocol: Protocol) => void])[],
): void {
  let offset = 0;
  for (const [read, callOne] of all) {
    endpoint.receive(bytes.slice(offset, offset + read));
    offset += read;
    try {
      callOne(endpoint.protocol);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
    }
  }
}

/** Ended once and with an error, or in order; what it holds is within its bound. */
function expectSound({ protocol, events }: Endpoint): void {
  const ends = events.filter((event) => event === 'end').length;
  const lasts = events.filter((event) => event !== 'end' && ('fail' in event || 'close' in event));
  expect(ends).toBeLessThanOrEqual(1);
  expect(lasts).toHaveLength(protocol.state === 'closed' ? 1 : 0);
  expect(protocol.retainedBytes).toBeLessThanOrEqual(STREAM_LIMITS.maxMessageBytes + 634);
}
