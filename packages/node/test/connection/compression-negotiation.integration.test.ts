import { openClientOn } from '@heddle/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import type { Connection } from '../../src/connection/connection.ts';
import type { CompressionOptions, UpgradeOptions } from '../../src/options.ts';
import { acceptWebSockets } from '../../src/server/accept-web-sockets.ts';
import { pendingUpgrade } from '../../src/server/pending-upgrade.ts';
import { routeUpgrades } from '../../src/server/route-upgrades.ts';
import { prose } from '../compressed.ts';
import { startHttp2 } from '../http2-server.ts';
import { reply } from '../reply.ts';
import { RunningServer } from '../running-server.ts';
import { startScriptedServer } from '../scripted-answers.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const FIELD = 'Sec-WebSocket-Extensions';

/** A server that sends back what comes, and the extensions that its last connection had. */
async function echo(compression: boolean | CompressionOptions) {
  const seen: { extensions?: readonly string[] } = {};
  const running = await RunningServer.start((server) =>
    acceptWebSockets(server, { compression }, (socket) => {
      seen.extensions = socket.extensions;
      socket.on('message', (message) => socket.send(message));
    }),
  );
  return { running, seen };
}

async function open(port: number, compression: boolean | CompressionOptions): Promise<Connection> {
  const socket = await connect(`ws://127.0.0.1:${port}/`, { compression });
  onTestFinished(() => socket.destroy());
  return socket;
}

/** What a client asks for, and what it is where the server answers so. */
async function request(compression: boolean | CompressionOptions, answer?: string) {
  const server = await startScriptedServer();
  const opening = connect(`ws://127.0.0.1:${server.port}/`, { compression });
  opening.then((socket) => onTestFinished(() => socket.destroy())).catch(() => {});
  const peer = await server.peer();
  const came = await peer.acceptsHandshake({
    headers: answer === undefined ? {} : { [FIELD]: answer },
  });
  return { field: came.header(FIELD), opening };
}

describe('A client', () => {
  it.each<[boolean | CompressionOptions, string | undefined]>([
    [false, undefined],
    [true, 'permessage-deflate; client_max_window_bits'],
    [{ thresholdBytes: 0, level: 9 }, 'permessage-deflate; client_max_window_bits'],
    [
      { serverMaxWindowBits: 10 },
      'permessage-deflate; server_max_window_bits=10; client_max_window_bits, ' +
        'permessage-deflate; client_max_window_bits',
    ],
    [
      {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        serverMaxWindowBits: 9,
        clientMaxWindowBits: 11,
      },
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; ' +
        'server_max_window_bits=9; client_max_window_bits=11, ' +
        'permessage-deflate; client_no_context_takeover; client_max_window_bits=11',
    ],
  ])('with compression: %o offers %s', async (compression, offer) => {
    const { field, opening } = await request(compression);
    expect(field).toBe(offer);
    expect((await opening).extensions).toEqual([]);
  });

  it.each([
    'permessage-deflate',
    'permessage-deflate; server_max_window_bits=8; client_max_window_bits=8',
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
  ])('takes the answer %s', async (answer) => {
    const { opening } = await request(true, answer);
    expect((await opening).extensions).toEqual(['permessage-deflate']);
  });

  it.each([
    [true, 'permessage-deflate; client_max_window_bits'],
    [true, 'permessage-deflate; server_max_window_bits=16'],
    [true, 'permessage-deflate, permessage-deflate'],
    [true, 'permessage-deflate; unheard_of'],
    [false, 'permessage-deflate'],
  ])('that offered %o fails for the answer %s', async (compression, answer) => {
    const { opening } = await request(compression, answer);
    await expect(opening).rejects.toMatchObject({ code: expect.stringMatching(/^WS_ANSWER_EXT/) });
  });
});

describe('A server', () => {
  it.each<[boolean | CompressionOptions, string, string | undefined]>([
    [true, 'permessage-deflate', 'permessage-deflate; server_max_window_bits=12'],
    [
      true,
      'permessage-deflate; client_max_window_bits',
      'permessage-deflate; server_max_window_bits=12; client_max_window_bits=12',
    ],
    [
      true,
      'permessage-deflate; client_max_window_bits=8',
      'permessage-deflate; server_max_window_bits=12; client_max_window_bits=8',
    ],
    [
      { serverMaxWindowBits: 15, clientMaxWindowBits: 15 },
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; ' +
        'server_max_window_bits=10; client_max_window_bits=11',
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; ' +
        'server_max_window_bits=10; client_max_window_bits=11',
    ],
    [
      true,
      'permessage-deflate; server_max_window_bits=8, permessage-deflate',
      'permessage-deflate; server_max_window_bits=12',
    ],
    // Declined; the handshake goes on.
    [true, 'permessage-deflate; server_max_window_bits=8', undefined],
    [true, 'permessage-deflate; server_max_window_bits=99', undefined],
    [true, 'permessage-deflate; client_max_window_bits=08', undefined],
    [true, 'permessage-deflate; client_no_context_takeover=1', undefined],
    [true, 'permessage-deflate; client_no_context_takeover; client_no_context_takeover', undefined],
    [true, 'permessage-deflate; unheard_of=1', undefined],
    [true, 'x-webkit-deflate-frame', undefined],
    [false, 'permessage-deflate', undefined],
  ])('with compression: %o answers %s with %s', async (compression, offer, answer) => {
    const { running, seen } = await echo(compression);
    const client = await running.client('/', { headers: { [FIELD]: offer } });
    expect(client.response.header(FIELD)).toBe(answer);
    expect(seen.extensions).toEqual(answer === undefined ? [] : ['permessage-deflate']);
    // What is not compressed is understood by all.
    client.send('short');
    expect(await client.next()).toBe('short');
  });

  it('compresses nothing for a client that offers nothing', async () => {
    const { running, seen } = await echo(true);
    const client = await running.client('/');
    expect(client.response.header(FIELD)).toBeUndefined();
    expect(seen.extensions).toEqual([]);
    client.send(prose(5_000));
    expect(await client.next()).toBe(prose(5_000));
  });

  it('answers alike over HTTP/2', async () => {
    const { session } = await startHttp2((server) =>
      acceptWebSockets(server, { compression: true }, () => {}),
    );
    const offer = 'permessage-deflate; client_max_window_bits';
    const client = await openClientOn(session, { headers: { [FIELD]: offer } });
    expect(client.response.header(FIELD)).toBe(
      'permessage-deflate; server_max_window_bits=12; client_max_window_bits=12',
    );
    client.destroy();
  });

  it('goes by its route, which may have another opinion', async () => {
    const running = await RunningServer.start((server) =>
      routeUpgrades(
        server,
        (incoming, response) => {
          const routes: Record<string, UpgradeOptions> = {
            '/without': { compression: false },
            '/small': { compression: { serverMaxWindowBits: 9 } },
          };
          pendingUpgrade(incoming)?.accept(routes[incoming.url ?? ''] ?? {}, () => {});
          response.writeHead(101).end();
        },
        { compression: { serverMaxWindowBits: 13 } },
      ),
    );
    const answers = { '/': 13, '/small': 9, '/without': undefined };
    for (const [path, bits] of Object.entries(answers)) {
      const client = await running.client(path, { headers: { [FIELD]: 'permessage-deflate' } });
      expect(client.response.header(FIELD)).toBe(
        bits && `permessage-deflate; server_max_window_bits=${bits}`,
      );
    }
  });

  it('may compress on one route where the server does not', async () => {
    const running = await RunningServer.start((server) =>
      routeUpgrades(server, (incoming, response) => {
        pendingUpgrade(incoming)?.accept({ compression: true }, () => {});
        response.writeHead(101).end();
      }),
    );
    const client = await running.client('/', { headers: { [FIELD]: 'permessage-deflate' } });
    expect(client.response.header(FIELD)).toBe('permessage-deflate; server_max_window_bits=12');
  });
});

describe('Both', () => {
  it.each<[boolean | CompressionOptions, boolean | CompressionOptions, boolean]>([
    [true, true, true],
    [true, false, false],
    [false, true, false],
    [{ serverMaxWindowBits: 9, clientMaxWindowBits: 9 }, true, true],
    [true, { serverMaxWindowBits: 9, serverNoContextTakeover: true }, true],
    [{ clientNoContextTakeover: true, serverNoContextTakeover: true }, { level: 1 }, true],
  ])('with %o at the server and %o at the client', async (server, client, agreed) => {
    const { running, seen } = await echo(server);
    const socket = await open(running.port, client);
    const extensions = agreed ? ['permessage-deflate'] : [];
    expect(socket.extensions).toEqual(extensions);
    expect(seen.extensions).toEqual(extensions);
    for (const size of [0, 10, 5_000, 100_000]) {
      expect(await reply(socket, prose(size))).toBe(prose(size));
    }
  });
});
