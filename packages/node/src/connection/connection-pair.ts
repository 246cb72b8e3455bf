import type { ConnectionOptions } from '../options.ts';
import { resolveOptions } from '../resolve-options.ts';
import { Connection } from './connection.ts';
import { streamPair } from './stream-pair.ts';

/**
 * Two connections to each other, in memory: a client and a server that speak the real protocol over
 * a pair of streams. For tests, and wherever both ends are in one process.
 */
export function connectionPair<In = string | Buffer, Out = string | Uint8Array>(
  options: ConnectionOptions<In, Out> = {},
): [client: Connection, server: Connection<In, Out>] {
  const [near, far] = streamPair();
  const shared = { head: Buffer.alloc(0), subprotocol: undefined, extensions: [] };
  const client = new Connection({
    ...shared,
    role: 'client',
    transport: near,
    options: resolveOptions({}),
  });
  const server = new Connection<In, Out>({
    ...shared,
    role: 'server',
    transport: far,
    options: resolveOptions(options),
  });
  return [client, server];
}
