import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Server, Socket } from 'node:net';

/** What the servers of an application hold, counted at the servers themselves. */
export class ServerWatch {
  readonly #servers: readonly Server[];
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Set<ServerHttp2Stream>();

  constructor(servers: readonly Server[]) {
    this.#servers = servers;
    for (const server of servers) {
      server.on('connection', (socket: Socket) => follow(this.#sockets, socket));
      server.on('session', (session: ServerHttp2Session) => {
        session.on('stream', (stream) => follow(this.#streams, stream));
      });
    }
  }

  /** How many streams of HTTP/2 there are. */
  get streams(): number {
    return this.#streams.size;
  }

  /** How many TCP connections there are, as Node counts them. */
  async connections(): Promise<number> {
    const counts = this.#servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.getConnections((error, count) =>
            error === null ? resolve(count) : reject(error),
          );
        }),
    );
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  /** Ends all connections, and returns how many there were. */
  abandon(): number {
    const { size } = this.#sockets;
    for (const socket of this.#sockets) socket.destroy();
    return size;
  }
}

function follow<Stream extends Socket | ServerHttp2Stream>(
  held: Set<Stream>,
  stream: Stream,
): void {
  held.add(stream);
  stream.on('close', () => held.delete(stream));
}
