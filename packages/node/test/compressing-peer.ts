import { constants, deflateRawSync } from 'node:zlib';
import type { ScriptedPeer } from '@heddle/testing';
import { onTestFinished } from 'vitest';
import { connect } from '../src/client/connect.ts';
import type { Connection } from '../src/connection/connection.ts';
import type { ConnectionOptions } from '../src/options.ts';
import { acceptWebSockets } from '../src/server/accept-web-sockets.ts';
import { RunningServer } from './running-server.ts';
import { startScriptedServer } from './scripted-answers.ts';
import { until } from './turns.ts';

/** One message's payload data, as a peer makes it. */
export function deflated(bytes: string | Uint8Array, windowBits = 12): Uint8Array {
  const flushed = deflateRawSync(bytes, { windowBits, finishFlush: constants.Z_SYNC_FLUSH });
  return flushed.subarray(0, -4);
}

/** A connection that has agreed on compression, and a peer that does what the test says. */
export async function openToPeer(
  role: 'client' | 'server',
  options: ConnectionOptions = {},
): Promise<{ readonly socket: Connection; readonly peer: ScriptedPeer }> {
  const field = 'Sec-WebSocket-Extensions';
  if (role === 'client') {
    const server = await startScriptedServer();
    const opening = connect(`ws://127.0.0.1:${server.port}/`, { compression: true, ...options });
    const peer = await server.peer();
    await peer.acceptsHandshake({ headers: { [field]: 'permessage-deflate' } });
    const socket = await opening;
    onTestFinished(() => socket.destroy());
    return { socket, peer };
  }
  const accepted: Connection[] = [];
  const running = await RunningServer.start((server) =>
    acceptWebSockets(server, { compression: true, ...options }, (socket) => {
      accepted.push(socket);
      return socket.closed;
    }),
  );
  const peer = await running.peer();
  await peer.handshake({ headers: { [field]: 'permessage-deflate' } });
  await until(() => accepted.length > 0, 'the connection');
  const [socket] = accepted;
  if (socket === undefined) throw new Error('no connection');
  return { socket, peer };
}

/** The close code that comes, whatever comes before it. */
export async function closeCodeOf(peer: ScriptedPeer): Promise<number> {
  for (;;) {
    const { opcode, payload } = await peer.receivesFrame();
    if (opcode === 8) return Buffer.from(payload).readUInt16BE(0);
  }
}
