import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../src/errors.ts';
import { Endpoint, ROLES, type Role, toEndpoint } from './endpoint.ts';
import { decodeFrames } from './reference-decoder.ts';
import { closePayload, invalidStream, STREAM_LIMITS, validStream } from './stream-arbitrary.ts';

const anything = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 });

describe.each(ROLES)('law 3 for a %s: nothing more is parsed', (role) => {
  it('after the peer broke a rule', () => {
    fc.assert(
      fc.property(invalidStream(role), validStream(role), anything, ({ bytes }, more, noise) => {
        const endpoint = open(role).receive(bytes);
        expect(endpoint.protocol.state).toBe('closed');
        expectDeaf(endpoint, [more.bytes, ...noise]);
      }),
    );
  });

  it('after a close frame, even where it and more come in one read', () => {
    fc.assert(
      fc.property(validStream(role), validStream(role), anything, ({ bytes }, more, noise) => {
        const close = toEndpoint(role, { opcode: 8, payload: closePayload(1000, '') });
        const endpoint = open(role).receive(Uint8Array.of(...bytes, ...close, ...more.bytes));
        expect(endpoint.protocol.state).toBe('closed');
        expectDeaf(endpoint, noise);
      }),
    );
  });

  it('after `fail` from outside, wherever in the stream', () => {
    fc.assert(
      fc.property(validStream(role), fc.nat(), anything, ({ bytes }, cut, noise) => {
        const endpoint = open(role).receive(bytes.slice(0, cut % (bytes.byteLength + 1)));
        endpoint.protocol.fail(new ProtocolError('WS_RETAINED_TOO_MUCH'));
        expectDeaf(endpoint, [bytes, ...noise]);
      }),
    );
  });

  it('after the end of the stream, wherever it comes', () => {
    fc.assert(
      fc.property(validStream(role), fc.nat(), anything, ({ bytes }, cut, noise) => {
        const endpoint = open(role).receive(bytes.slice(0, cut % (bytes.byteLength + 1)));
        endpoint.protocol.receiveEnd();
        expectDeaf(endpoint, [bytes, ...noise]);
      }),
    );
  });

  it('and our last frame is one close frame', () => {
    fc.assert(
      fc.property(fc.oneof(invalidStream(role), validStream(role)), ({ bytes }) => {
        const endpoint = open(role).receive(bytes);
        if (endpoint.protocol.state === 'open') return;
        const opcodes = decodeFrames(endpoint.written()).map((frame) => frame.opcode);
        expect(opcodes).toEqual([8]);
      }),
    );
  });
});

function open(role: Role): Endpoint {
  return new Endpoint(role, { limits: STREAM_LIMITS });
}

function expectDeaf(endpoint: Endpoint, inputs: readonly Uint8Array[]): void {
  const { protocol, events } = endpoint;
  const before = [...events];
  const written = endpoint.writtenHex();
  for (const input of inputs) endpoint.receive(input);
  protocol.receiveEnd();
  protocol.fail(new ProtocolError('WS_HEARTBEAT_TIMEOUT'));
  protocol.answerPing();
  protocol.close(1000);
  expect(events).toEqual(before);
  expect(endpoint.writtenHex()).toBe(written);
  expect(protocol.state).toBe('closed');
  expect(protocol.retainedBytes).toBe(0);
  expect(protocol.withinFrame).toBe(false);
}
