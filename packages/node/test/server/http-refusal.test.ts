import { HandshakeError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import {
  connectionOption,
  formatRefusal,
  refusalFor,
  serverRefusals,
} from '../../src/server/http-refusal.ts';

function format(...args: Parameters<typeof formatRefusal>): string {
  return formatRefusal(...args).toString();
}

describe('a refusal as bytes', () => {
  it('is a whole response with its sentence as text', () => {
    const [head = '', body] = format({
      status: 404,
      reason: 'nothing',
      headers: {},
      text: 'No sockets à la carte',
    }).split('\r\n\r\n');
    const [start, ...fields] = head.split('\r\n');
    expect(start).toBe('HTTP/1.1 404 Not Found');
    expect(body).toBe('No sockets à la carte\n');
    expect(fields).toContain('Content-Type: text/plain; charset=utf-8');
    // In bytes, not in characters.
    expect(fields).toContain('Content-Length: 23');
    expect(fields).toContain('Connection: close');
    const date = fields.find((field) => field.startsWith('Date: '))?.slice(6) ?? '';
    expect(Math.abs(Date.parse(date) - Date.now())).toBeLessThan(5_000);
  });

  it('lists Upgrade in Connection where it has one (RFC 9110 §7.8)', () => {
    const refusal = refusalFor(new HandshakeError('WS_HANDSHAKE_VERSION', 'it was "8"'));
    const text = format(refusal);
    expect(text).toContain('HTTP/1.1 426 Upgrade Required\r\n');
    expect(text).toContain('Connection: Upgrade, close\r\n');
    expect(text).toContain('Upgrade: websocket\r\n');
    expect(text).toContain('Sec-WebSocket-Version: 13\r\n');
    expect(text).toContain('it was "8"');
  });

  it('has no reason phrase for a status that has none', () => {
    expect(format({ status: 499, reason: 'nothing', headers: {}, text: '' })).toMatch(
      /^HTTP\/1\.1 499 \r\n/,
    );
  });

  it('never asks to keep the connection', () => {
    expect(connectionOption(false)).toBe('close');
    expect(connectionOption(true)).toBe('Upgrade, close');
    for (const refusal of Object.values(serverRefusals)) {
      expect(format(refusal)).not.toMatch(/keep-alive/i);
    }
  });

  it('tells a client when to come back if it is the server that cannot', () => {
    for (const refusal of [serverRefusals.deadline, serverRefusals.full, serverRefusals.closing]) {
      expect(refusal.status).toBe(503);
      expect(format(refusal)).toMatch(/\r\nRetry-After: [1-9][0-9]*\r\n/);
    }
  });
});
