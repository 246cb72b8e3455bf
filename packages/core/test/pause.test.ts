import { describe, expect, it } from 'vitest';
import type { Message } from '../src/message.ts';
import { Endpoint, ROLES, toEndpoint } from './endpoint.ts';
import { fromHex } from './hex.ts';
import { rsv1, ScriptedInflater } from './scripted-inflater.ts';

// The rest of what `pause` does is in protocol.test.ts and message-reader.test.ts.
describe.each(ROLES)('a %s that is paused', (role) => {
  it('goes on as if nothing had been where nothing has come', () => {
    const endpoint = new Endpoint(role);
    endpoint.protocol.pause();
    expect(endpoint.protocol.suspended).toBe(true);
    endpoint.protocol.resume();
    expect(endpoint.protocol.suspended).toBe(false);
    endpoint.receive(toEndpoint(role, { opcode: 1, payload: fromHex('41') }));
    expect(endpoint.events).toEqual([{ message: 'A' }]);
  });

  it('waits for nothing any more once the peer’s stream has ended', () => {
    const endpoint = new Endpoint(role);
    endpoint.protocol.pause();
    endpoint.protocol.receiveEnd();
    expect(endpoint.protocol.suspended).toBe(false);
  });

  it('has no more pieces come of a compressed message', () => {
    const inflater = new ScriptedInflater({ factor: 3, pieceBytes: 2 });
    const endpoint: Endpoint = new Endpoint(
      role,
      { extensions: rsv1, inflater },
      { messagePiece: () => endpoint.protocol.pause() },
    );
    endpoint.protocol.streaming = true;
    endpoint.receive(toEndpoint(role, { opcode: 1, rsv: 4, payload: fromHex('61') }));
    expect(endpoint.events).toEqual([{ start: 'text' }, { piece: '61 61' }]);
    endpoint.protocol.resume();
    expect(endpoint.events.slice(2)).toEqual([{ piece: '61' }, { ended: 'message' }]);
  });

  it.each([undefined, true])('copies a large message once at most (lent: %s)', (lent) => {
    const messages: Message[] = [];
    const { protocol } = new Endpoint(role, {}, { message: (message) => messages.push(message) });
    const bytes = toEndpoint(role, { opcode: 2, payload: new Uint8Array(1000) });
    protocol.receive(bytes.slice(), lent);
    protocol.pause();
    protocol.receive(bytes, lent);
    protocol.resume();
    const [atOnce, later] = messages as Uint8Array[];
    // A view has the frame's header beside it.
    expect(atOnce?.buffer.byteLength).toBe(lent ? 1000 : bytes.byteLength);
    expect(later?.buffer.byteLength).toBe(bytes.byteLength);
  });
});
