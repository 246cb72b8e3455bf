import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { selfSignedCertificate } from '../src/certificate.ts';
import { ScriptedPeer } from '../src/scripted-peer.ts';
import { ScriptedServer } from '../src/scripted-server.ts';

let server: ScriptedServer;
afterEach(() => server.close());

describe('a scripted server', () => {
  it("accepts ws' client and says to it what the test says", async () => {
    server = await ScriptedServer.listen();
    const client = new WebSocket(`ws://127.0.0.1:${server.port}/feed`, ['a', 'b']);
    const messages: string[] = [];
    client.on('message', (data) => messages.push(String(data)));
    const peer = await server.peer();
    const request = await peer.acceptsHandshake({
      headers: { 'Sec-WebSocket-Protocol': 'b' },
      followedBy: peer.frame({ opcode: 1, payload: 'first' }),
    });
    expect(request).toMatchObject({ method: 'GET', target: '/feed' });
    await expect.poll(() => messages).toEqual(['first']);
    expect(client.protocol).toBe('b');
    client.send('hello');
    await peer.receivesText('hello');
    const closed = new Promise((resolve) => client.on('close', resolve));
    peer.sends('88 02 03 e9');
    expect((await peer.receivesFrame()).opcode).toBe(8);
    peer.end();
    expect(await closed).toBe(1001);
  });

  it('gives out its clients in the order in which they came', async () => {
    server = await ScriptedServer.listen();
    const first = await ScriptedPeer.connect({ port: server.port });
    const firstPeer = await server.peer();
    const second = await ScriptedPeer.connect({ port: server.port });
    first.sends('01');
    second.sends('02');
    await firstPeer.receives('01');
    await (await server.peer()).receives('02');
  });

  it('says so when no client comes, and gives the next one to who asks next', async () => {
    server = await ScriptedServer.listen({ timeoutMs: 50 });
    await expect(server.peer()).rejects.toThrow('No client came within 50 ms');
    const peer = server.peer();
    (await ScriptedPeer.connect({ port: server.port })).sends('01');
    await (await peer).receives('01');
  });

  it('drops its clients when it closes', async () => {
    server = await ScriptedServer.listen();
    const client = await ScriptedPeer.connect({ port: server.port });
    await server.peer();
    await server.close();
    await client.receivesEnd();
  });
});

describe('a scripted server with a certificate', () => {
  it('speaks TLS with a client that trusts it', async () => {
    const tls = selfSignedCertificate();
    server = await ScriptedServer.listen({ tls });
    const client = await ScriptedPeer.connect({ port: server.port, tls: { ca: tls.cert } });
    const peer = await server.peer();
    client.sends('01 02');
    await peer.receives('01 02');
    peer.end();
    await client.receivesEnd();
    client.sends('03');
    await peer.receives('03');
    client.reset();
    await expect(peer.receives('04')).rejects.toThrow(/ECONNRESET/);
  });

  it('is good for the name localhost too', async () => {
    const tls = selfSignedCertificate();
    server = await ScriptedServer.listen({ tls });
    const options = { port: server.port, host: '127.0.0.1', ca: tls.cert };
    const socket = connectTls({ ...options, servername: 'localhost' });
    await new Promise((resolve, reject) => socket.on('secureConnect', resolve).on('error', reject));
    expect(socket.authorized).toBe(true);
    socket.destroy();
  });

  it('is refused by a client that does not', async () => {
    server = await ScriptedServer.listen({ tls: selfSignedCertificate() });
    const other = selfSignedCertificate();
    await expect(
      ScriptedPeer.connect({ port: server.port, tls: { ca: other.cert } }),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY|SIGNATURE/),
    });
  });
});
