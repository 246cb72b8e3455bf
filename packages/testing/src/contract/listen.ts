import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { ContractApp } from './harness.ts';

/** Starts `app.servers` servers of `node:http`, or of `node:https` where the application asks for it. */
export async function listen(app: ContractApp, listener: RequestListener): Promise<Server[]> {
  const servers = Array.from({ length: app.servers }, () =>
    app.tls === undefined ? createServer(listener) : createSecureServer(app.tls, listener),
  );
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  return servers;
}

/** Stops listening, and drops the connections that wait for another request. */
export async function stopListening(servers: readonly Server[]): Promise<void> {
  for (const server of servers) {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }
}
