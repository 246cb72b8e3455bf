import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { closeResponse, discardResponse } from '../../src/server/void-socket.ts';

function make(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}

describe('a response that is discarded', () => {
  it('takes everything, finishes and closes, and sends nothing', async () => {
    const socket = new Socket();
    const sent: unknown[] = [];
    socket._write = (chunk: unknown) => void sent.push(chunk);
    const response = make();
    response.assignSocket(socket);
    discardResponse(response, 'when finished');
    expect(response.write('some')).toBe(true);
    await new Promise((resolve) => response.write('thing', resolve));
    const events: string[] = [];
    for (const event of ['finish', 'close']) response.on(event, () => events.push(event));
    response.end('x'.repeat(100_000));
    await once(response, 'close');
    expect(events).toEqual(['finish', 'close']);
    expect(response.destroyed).toBe(true);
    expect(sent).toEqual([]);
    // Somebody else may put another response on the socket now.
    make().assignSocket(socket);
  });

  it('closes at once if its client is to have left, and may be written to all the same', async () => {
    const response = make();
    discardResponse(response, 'now');
    await once(response, 'close');
    response.setHeader('X-Late', '1');
    response.writeHead(200).end('too late');
    expect(response.destroyed).toBe(true);
  });
});

describe('a response that has finished', () => {
  it('closes as one of Node does, and leaves its socket to somebody else', async () => {
    const socket = new Socket();
    socket._write = (_chunk, _encoding, written: () => void) => written();
    const response = make();
    response.assignSocket(socket);
    const events: string[] = [];
    for (const event of ['finish', 'close']) response.on(event, () => events.push(event));
    response.on('finish', () => {
      closeResponse(response);
      make().assignSocket(socket);
      // Whoever listens for the end behind us comes first.
      expect(events).toEqual(['finish']);
    });
    response.writeHead(204).end();
    await once(response, 'close');
    expect(events).toEqual(['finish', 'close']);
    expect(response).toMatchObject({ destroyed: true, closed: true, writableFinished: true });
    expect(response.socket).toBe(null);
    expect(socket.destroyed).toBe(false);
  });

  it('may be discarded before it has closed', async () => {
    const response = make();
    closeResponse(response);
    discardResponse(response, 'now');
    await once(response, 'close');
    expect(response.destroyed).toBe(true);
  });
});
