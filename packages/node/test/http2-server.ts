import { once } from 'node:events';
import { createServer, type Http2Server } from 'node:http2';
import { portOf, ScriptedSession } from '@heddle/testing';
import { onTestFinished } from 'vitest';
import type { Sockets } from '../src/server/sockets.ts';

/** A server for HTTP/2 on a port of its own, and a connection to it, which end with the test. */
export async function startHttp2(
  wire: (server: Http2Server) => Sockets,
): Promise<{ server: Http2Server; sockets: Sockets; session: ScriptedSession }> {
  const server = createServer();
  const sockets = wire(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = await ScriptedSession.connect({ port: portOf(server) });
  onTestFinished(async () => {
    sockets.detach();
    await sockets.close({ timeoutMs: 0 });
    session.destroy();
    server.close();
  });
  return { server, sockets, session };
}
