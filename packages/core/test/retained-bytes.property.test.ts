import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Endpoint, ROLES, toEndpoint } from './endpoint.ts';
import { fromHex } from './hex.ts';
import { cutAt, invalidStream, STREAM_LIMITS, validStream } from './stream-arbitrary.ts';

/** A message, a control frame in progress, an unanswered ping, and 128 for each of the three. */
const MOST_BESIDE_MESSAGE = 125 + 125 + 3 * 128;

describe.each(ROLES)('law 2 for a %s: what is held', (role) => {
  it('is never above maxMessageBytes + 634 bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(validStream(role), invalidStream(role)),
        fc.array(fc.nat(), { maxLength: 30 }),
        fc.boolean(),
        ({ bytes }, cuts, answering) => {
          const endpoint = new Endpoint(role, { limits: STREAM_LIMITS });
          const { protocol } = endpoint;
          for (const piece of cutAt(bytes, cuts)) {
            endpoint.receive(piece);
            expect(protocol.retainedBytes).toBeLessThanOrEqual(
              STREAM_LIMITS.maxMessageBytes + MOST_BESIDE_MESSAGE,
            );
            if (answering) protocol.answerPing();
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('can be as much as that, so the bound is not wider than the truth', () => {
    const limits = { maxMessageBytes: 5000 };
    const { protocol } = new Endpoint(role, { limits })
      .receive(toEndpoint(role, { opcode: 2, fin: false, payload: new Uint8Array(4999) }))
      .receive(toEndpoint(role, { opcode: 0, fin: false, payload: new Uint8Array(1) }))
      .receive(toEndpoint(role, { opcode: 9, payload: new Uint8Array(125) }))
      .receive(toEndpoint(role, { opcode: 10, payload: new Uint8Array(125) }).subarray(0, -1));
    expect(protocol.retainedBytes).toBe(5000 + MOST_BESIDE_MESSAGE);
  });

  it('is at most twice what has come of a message, and 64 KiB, whatever its header claims', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 20 }),
        fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 12 }),
        (claimed, reads) => {
          const { protocol } = new Endpoint(role);
          const bytes = toEndpoint(role, { opcode: 2, payload: new Uint8Array(claimed) });
          let offset = 0;
          for (const read of reads) {
            protocol.receive(bytes.slice(offset, offset + read));
            offset += read;
            expect(protocol.retainedBytes).toBeLessThanOrEqual(2 * offset + 2 ** 16 + 128);
          }
        },
      ),
    );
  });

  it('is nothing once all that has begun is finished and answered', () => {
    fc.assert(
      fc.property(validStream(role), ({ bytes }) => {
        const { protocol } = new Endpoint(role, { limits: STREAM_LIMITS }).receive(bytes);
        protocol.answerPing();
        expect(protocol.retainedBytes).toBe(0);
      }),
    );
  });

  it('is within the limits when it comes out', () => {
    fc.assert(
      fc.property(
        fc.oneof(validStream(role), invalidStream(role)),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 4 }),
        ({ bytes }, maxMessageBytes, maxFragments) => {
          const lengths: number[] = [];
          const encoder = new TextEncoder();
          new Endpoint(
            role,
            { limits: { maxMessageBytes, maxFragments } },
            {
              message: (message) =>
                lengths.push(
                  (typeof message === 'string' ? encoder.encode(message) : message).byteLength,
                ),
            },
          ).receive(bytes);
          expect(Math.max(0, ...lengths)).toBeLessThanOrEqual(maxMessageBytes);
        },
      ),
    );
  });
});

describe('what is held of a message that comes in 10,000 fragments', () => {
  it.each(ROLES)('is at most twice its bytes, for a %s', (role) => {
    const endpoint = new Endpoint(role);
    const first = toEndpoint(role, { opcode: 2, fin: false, payload: fromHex('00') });
    const next = toEndpoint(role, { opcode: 0, fin: false, payload: fromHex('00') });
    endpoint.receive(first);
    for (let fragment = 2; fragment < 10_000; fragment++) {
      endpoint.receive(next);
      expect(endpoint.protocol.retainedBytes).toBeLessThanOrEqual(2 * fragment + 128);
    }
    endpoint.receive(toEndpoint(role, { opcode: 0, payload: fromHex('ff') }));
    expect(endpoint.events).toHaveLength(1);
    expect(endpoint.protocol.retainedBytes).toBe(0);
  });
});
