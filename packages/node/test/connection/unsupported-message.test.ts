import { describe, expect, it } from 'vitest';
import { connectionPair } from '../../src/connection/connection-pair.ts';
import { prepare } from '../../src/connection/prepared-message.ts';
import { unsupportedMessage } from '../../src/connection/unsupported-message.ts';
import { WsSocket } from '../../src/connection/ws-socket.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

describe('What is neither a string nor bytes', () => {
  it.each([
    [null, /: not null/],
    [undefined, /: not undefined/],
    [1, /: not number/],
    [{}, /: not object/],
  ])('is told of by what it is: %s', (value, message) => {
    const error = unsupportedMessage(value);
    expect(error).toMatchObject({ name: 'UsageError', code: 'WS_UNSUPPORTED_MESSAGE' });
    expect(error.message).toMatch(message);
  });

  it('is so wherever it is sent', async () => {
    const [client, server] = connectionPair();
    expect(() => client.send(null as never)).toThrow(/: not null/);
    expect(() => prepare(null as never)).toThrow(/: not null/);
    expect(() => new WsSocket(server).send(null)).toThrow(/: not null/);
    const sent = client.sendStream([null as never]);
    await expect(sent).rejects.toThrow(/: a piece of the source is null/);
  });
});
