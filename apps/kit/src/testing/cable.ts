import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { onTestFinished } from 'vitest';

/** A stretch of network in front of a server, that one can damage. */
export interface Cable {
  readonly port: number;
  /** From now on nothing that the server says arrives. What clients say still reaches the server. */
  loseAnswers(): void;
  /** Ends all connections without a word. The next ones work. */
  cut(): void;
}

/** Lays a cable to the server on this port, for one test. */
export async function layCable(serverPort: number): Promise<Cable> {
  const ends = new Set<Socket>();
  let losesAnswers = false;
  const cable = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    const answers = new Transform({
      transform: (bytes, _encoding, done) => done(undefined, losesAnswers ? undefined : bytes),
    });
    client.pipe(server).pipe(answers).pipe(client);
    for (const end of [client, server]) {
      ends.add(end);
      end.on('error', () => undefined);
      end.on('close', () => [client, server].map((each) => each.destroy()));
    }
  });
  const loseAnswers = () => {
    losesAnswers = true;
  };
  const cut = () => {
    losesAnswers = false;
    for (const end of ends) end.resetAndDestroy();
    ends.clear();
  };
  onTestFinished(() => {
    cut();
    cable.close();
  });
  await once(cable.listen(0, '127.0.0.1'), 'listening');
  const address = cable.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { port, loseAnswers, cut };
}
