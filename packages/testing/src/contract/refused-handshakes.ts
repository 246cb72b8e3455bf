import { expect } from 'vitest';
import { deferred } from '../deferred.ts';
import type { ContractCases } from './contract-case.ts';
import { delay, echo, untouched } from './handlers.ts';
import { tokensOf } from './http1-clients.ts';

/** Refusals by the application: each is a whole HTTP response, as for any other request. */
export const refusedHandshakes = {
  'lets a hook refuse with status, header fields and body': async (start) => {
    const handler = untouched();
    const refuse = {
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer', 'Set-Cookie': ['a=1', 'b=2'] },
      body: 'Log in first: grüß Gott',
    };
    const before = () => Promise.resolve({ headers: { 'X-Hook': 'ran' }, refuse });
    const app = await start({ routes: [{ path: '/chat', before, ws: handler.ws }] });
    const response = await app.refusal({ path: '/chat' });
    expect(response).toMatchObject({ status: 401, body: refuse.body });
    expect(response.header('WWW-Authenticate')).toBe('Bearer');
    expect(response.header('Set-Cookie')).toBe('a=1, b=2');
    expect(response.header('X-Hook')).toBe('ran');
    expect(response.header('Upgrade')).toBeUndefined();
    expect(handler.calls).toBe(0);
    expect(app.errors).toEqual([]);
  },

  'answers 500 when a hook rejects': async (start) => {
    const handler = untouched();
    const before = async () => {
      await delay(10);
      throw new Error('the database is down');
    };
    const app = await start({ routes: [{ path: '/chat', before, ws: handler.ws }] });
    const response = await app.refusal({ path: '/chat' });
    expect(response.status).toBe(500);
    expect(response.body).not.toBe('');
    expect(handler.calls).toBe(0);
  },

  "answers as the application's error handler says when a hook rejects": async (start) => {
    const before = () => Promise.reject(new Error('the database is down'));
    const answerError = (error: unknown) => ({
      status: 503,
      headers: { 'Retry-After': '7' },
      body: `Sorry, ${error instanceof Error ? error.message : error}`,
    });
    const app = await start({ routes: [{ path: '/chat', before, ws: echo }], answerError });
    const response = await app.refusal({ path: '/chat' });
    expect(response).toMatchObject({ status: 503, body: 'Sorry, the database is down' });
    expect(response.header('Retry-After')).toBe('7');
  },

  'answers 429 above the rate limit': async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }], rateLimit: 2 });
    await app.opened('/chat');
    await app.opened('/chat');
    const response = await app.refusal({ path: '/chat' });
    expect(response.status).toBe(429);
    expect(Number(response.header('Retry-After'))).toBeGreaterThan(0);
    expect(response.body).not.toBe('');
  },

  'answers 404 where there is no route': async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }] });
    const response = await app.refusal({ path: '/nowhere' });
    expect(response.status).toBe(404);
    expect(response.body).not.toBe('');
  },

  'never answers 101 on a route of plain HTTP': async (start) => {
    const app = await start({ routes: [{ path: '/page', get: () => 'a page' }] });
    const response = await app.refusal({ path: '/page' });
    // A server may ignore Upgrade (RFC 9110 §7.8), so the page itself is a right answer too.
    if (response.status === 200) expect(response.body).toBe('a page');
    else expect([404, 426]).toContain(response.status);
    expect((await app.get('/page')).body).toBe('a page');
  },

  'answers 426 to a plain GET on a route of WebSocket only': async (start) => {
    const app = await start({ routes: [{ path: '/chat', ws: echo }] });
    const response = await app.get('/chat');
    expect(response.status).toBe(426);
    expect(response.body).not.toBe('');
    // RFC 9113 §8.2.2: HTTP/2 has none of these fields.
    if (response.version !== 'HTTP/1.1') return;
    expect(response.header('Upgrade')?.toLowerCase()).toBe('websocket');
    // RFC 9110 §7.8: who sends Upgrade "MUST also send an 'Upgrade' connection option".
    expect(tokensOf(response, 'Connection')).toContain('upgrade');
    // Without the connection option this is no wish to upgrade.
    expect((await app.get('/chat', { Upgrade: 'websocket' })).status).toBe(426);
  },

  'answers 503 when a hook takes longer than a handshake may': async (start) => {
    const handler = untouched();
    const decided = deferred<void>();
    const before = () => decided.promise.then(() => ({}));
    const options = { handshakeTimeoutMs: 100 };
    const app = await start({ routes: [{ path: '/chat', before, ws: handler.ws }], options });
    const response = await app.refusal({ path: '/chat' });
    expect(response.status).toBe(503);
    // What is decided too late changes nothing, and breaks nothing.
    decided.resolve();
    await delay(50);
    expect(handler.calls).toBe(0);
  },
} satisfies ContractCases;
