import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { makeUpgradeResponse, type ResponseBegins } from '../../src/server/upgrade-response.ts';

const handshake = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': 'x' };
const accepts: ResponseBegins = (status) => (status === 101 ? handshake : undefined);

function make(begins: ResponseBegins = accepts): ServerResponse {
  return makeUpgradeResponse(new IncomingMessage(new Socket()), begins);
}

describe('the response to an upgrade', () => {
  it('has the handshake in a 101, and nothing that describes a body or the connection', () => {
    const response = make();
    response.setHeader('Content-Type', 'text/html');
    response.setHeader('Keep-Alive', 'timeout=5');
    response.setHeader('Sec-WebSocket-Accept', 'forged');
    response.writeHead(101, { 'X-Own': '1', Connection: 'close', 'Transfer-Encoding': 'chunked' });
    expect({ ...response.getHeaders() }).toEqual({
      'x-own': '1',
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-accept': 'x',
    });
  });

  it('closes the connection with any other status, whatever the application says', () => {
    const response = make();
    response.setHeader('Keep-Alive', 'timeout=5');
    response.writeHead(401, { Connection: 'keep-alive', 'X-Own': '1' });
    expect({ ...response.getHeaders() }).toEqual({ 'x-own': '1', connection: 'close' });
  });

  it('lists Upgrade in Connection where the application sends one (RFC 9110 §7.8)', () => {
    const response = make().writeHead(426, { Upgrade: 'websocket' });
    expect(response.getHeader('Connection')).toBe('Upgrade, close');
  });

  it('tells its owner once, before anything is sent', () => {
    const sent: boolean[] = [];
    const begins = vi.fn<ResponseBegins>(() => {
      sent.push(response.headersSent);
      return undefined;
    });
    const response = make(begins);
    response.writeHead(200);
    expect(begins.mock.calls).toEqual([[200]]);
    expect(sent).toEqual([false]);
    expect(() => response.writeHead(101)).toThrow(/ERR_HTTP_HEADERS_SENT|after they are sent/);
    expect(begins).toHaveBeenCalledTimes(1);
  });

  it('keeps its hook when its prototype is replaced, as Express does', () => {
    const response = make();
    Object.setPrototypeOf(response, Object.create(ServerResponse.prototype, {}));
    response.writeHead(101);
    expect(response.getHeader('Upgrade')).toBe('websocket');
  });

  it('lets a message for another status go, and takes one that comes with the 101', () => {
    const early = make();
    early.statusMessage = 'Not Found';
    expect(early.writeHead(101).statusMessage).toBe('Switching Protocols');
    expect(make().writeHead(101, 'Off We Go').statusMessage).toBe('Off We Go');
    const refusal = make();
    refusal.statusMessage = 'Who Are You';
    expect(refusal.writeHead(401).statusMessage).toBe('Who Are You');
  });
});
