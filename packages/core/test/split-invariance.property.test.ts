import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Endpoint, ROLES, type Role } from './endpoint.ts';
import { toHex } from './hex.ts';
import {
  cutAt,
  invalidStream,
  STREAM_LIMITS,
  type Stream,
  validStream,
} from './stream-arbitrary.ts';

const cuts = fc.array(fc.nat(), { maxLength: 12 });

describe.each(ROLES)('law 1 for a %s: whatever the split of the input', (role) => {
  it('reports what was sent', () => {
    fc.assert(
      fc.property(validStream(role), cuts, (stream, offsets) => {
        expectSame(role, stream, cutAt(stream.bytes, offsets));
      }),
      { numRuns: 300 },
    );
  });

  it('reports what was sent before a violation, and then that', () => {
    fc.assert(
      fc.property(invalidStream(role), cuts, (stream, offsets) => {
        expectSame(role, stream, cutAt(stream.bytes, offsets));
      }),
      { numRuns: 300 },
    );
  });

  it('reports the same of bytes that come one by one', () => {
    fc.assert(
      fc.property(fc.oneof(validStream(role), invalidStream(role)), (stream) => {
        expectSame(
          role,
          stream,
          Array.from(stream.bytes, (octet) => Uint8Array.of(octet)),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('answers the same, and fails with the same words', () => {
    fc.assert(
      fc.property(fc.oneof(validStream(role), invalidStream(role)), cuts, (stream, offsets) => {
        const whole = endpoint(role).receive(stream.bytes);
        const cut = endpoint(role);
        for (const piece of cutAt(stream.bytes, offsets)) cut.receive(piece);
        expect(cut.writtenHex()).toBe(whole.writtenHex());
        expect(cut.error?.message).toBe(whole.error?.message);
        expect(cut.protocol.state).toBe(whole.protocol.state);
        expect(cut.protocol.withinFrame).toBe(whole.protocol.withinFrame);
      }),
      { numRuns: 200 },
    );
  });
});

function endpoint(role: Role): Endpoint {
  return new Endpoint(role, { limits: STREAM_LIMITS });
}

function expectSame(role: Role, stream: Stream, pieces: readonly Uint8Array[]): void {
  const split = endpoint(role);
  for (const piece of pieces) split.receive(piece);
  expect(split.events, `of ${toHex(stream.bytes)}`).toEqual(stream.events);
}
