import { constants } from 'node:http2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeApp } from '../src/contract/contract-case.ts';
import type { ListenOptions } from '../src/contract/index.ts';
import { listen, stopListening, type Transport } from '../src/contract/index.ts';
import { ScriptedPeer } from '../src/scripted-peer.ts';
import { portOf } from '../src/scripted-server.ts';
import { ScriptedSession } from '../src/scripted-session.ts';

describe("listen, for the contract's applications", () => {
  it('serves HTTP', async () => {
    const peer = await ScriptedPeer.connect(await serve('http'));
    expect((await peer.request({ path: '/a' })).body).toBe('1.1: /a');
    peer.destroy();
  });

  it('serves HTTPS', async () => {
    const peer = await ScriptedPeer.connect(await serve('https'));
    expect((await peer.request({ path: '/a' })).body).toBe('1.1: /a');
    peer.destroy();
  });

  it('serves HTTP/2, and HTTP/1.1 beside it', async () => {
    const address = await serve('http2');
    const session = await ScriptedSession.connect(address);
    expect((await session.request({ path: '/a' })).body).toBe('2.0: /a');
    const peer = await ScriptedPeer.connect(address);
    expect((await peer.request({ path: '/a' })).body).toBe('1.1: /a');
    // Neither client hangs up: it is the server's stop that ends both.
  });

  it('sends plain requests of HTTP/2 back to HTTP/1.1 for a listener that cannot take them', async () => {
    const address = await serve('http2', { plainOverHttp1: true });
    const session = await ScriptedSession.connect(address);
    const peer = session.handshake({ method: 'GET', headers: { ':protocol': undefined } });
    await expect(peer.receivesResponse()).rejects.toThrow('before the stream closed (13)');
    expect(peer.resetCode).toBe(constants.NGHTTP2_HTTP_1_1_REQUIRED);
    const plain = await ScriptedPeer.connect(address);
    expect((await plain.request({ path: '/a' })).body).toBe('1.1: /a');
  });
});

/** Starts an application of one listener, which is stopped when the test is over. */
async function serve(transport: Transport, options?: ListenOptions) {
  const app = describeApp({ routes: [] }, { transport, reports: { errors: [], statuses: [] } });
  const servers = await listen(
    app,
    ({ httpVersion, url }, response) => response.end(`${httpVersion}: ${url}`),
    options,
  );
  onTestFinished(() => stopListening(servers));
  const port = Number(servers[0] && portOf(servers[0]));
  return app.tls === undefined ? { port } : { port, tls: { ca: app.tls.cert } };
}
