import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A stretch of network in front of a server, that one can damage. */
export interface Cable {
  readonly url: string;
  /** Ends all connections without a word. The next ones work. */
  cut(): void;
}

/** Lays a cable to the server on this port. */
export async function layCable(serverPort: string): Promise<Cable> {
  const ends = new Set<Socket>();
  const cable = createServer((client) => {
    const server = connect(Number(serverPort), '127.0.0.1');
    client.pipe(server).pipe(client);
    for (const end of [client, server]) {
      ends.add(end);
      end.on('error', () => undefined);
      end.on('close', () => [client, server].map((each) => each.destroy()));
    }
  });
  const cut = () => {
    for (const end of ends) end.resetAndDestroy();
    ends.clear();
  };
  onTestFinished(() => {
    cut();
    cable.close();
  });
  await once(cable.listen(0, '127.0.0.1'), 'listening');
  const address = cable.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}`, cut };
}
