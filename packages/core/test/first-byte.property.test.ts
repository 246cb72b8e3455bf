import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Endpoint, ROLES, type Role } from './endpoint.ts';
import { invalidStream, STREAM_LIMITS } from './stream-arbitrary.ts';

/*
 * Which byte proves a violation is written down, example by example, in violations.test.ts. Here:
 * whatever came before it, and however it came, the same byte is the one.
 */
describe.each(ROLES)('law 5 for a %s: a violation is reported at one byte', (role) => {
  it('the same whether the bytes come one by one or all at once', () => {
    fc.assert(
      fc.property(invalidStream(role), ({ bytes, code }) => {
        const proof = indexOfProof(role, bytes);
        expect(open(role).receive(bytes.slice(0, proof)).error).toBeUndefined();
        expect(open(role).receive(bytes.slice(0, proof + 1)).error?.code).toBe(code);
      }),
      { numRuns: 300 },
    );
  });

  it('which later bytes do not move', () => {
    fc.assert(
      fc.property(invalidStream(role), fc.uint8Array(), ({ bytes }, rest) => {
        const proof = indexOfProof(role, bytes);
        const other = Uint8Array.of(...bytes.slice(0, proof + 1), ...rest);
        expect(indexOfProof(role, other)).toBe(proof);
      }),
      { numRuns: 150 },
    );
  });
});

function open(role: Role): Endpoint {
  return new Endpoint(role, { limits: STREAM_LIMITS });
}

/** The index of the byte at which the failure is reported when the bytes come one by one. */
function indexOfProof(role: Role, bytes: Uint8Array): number {
  const endpoint = open(role);
  return bytes.findIndex((octet) => endpoint.receive(Uint8Array.of(octet)).error !== undefined);
}
