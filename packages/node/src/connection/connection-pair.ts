import { negotiateExtensions } from '@heddle/core';
import { clientExtensions, serverExtensions } from '../compression/extensions.ts';
import type { ConnectionOptions, ResolvedCompression } from '../options.ts';
import { resolveOptions } from '../resolve-options.ts';
import { Connection } from './connection.ts';
import { streamPair } from './stream-pair.ts';

/**
 * Two connections to each other, in memory: a client and a server that speak the real protocol over
 * a pair of streams. For tests, and wherever both ends are in one process. The options are those of the
 * server; with `compression` the client compresses, too.
 */
export function connectionPair<In = string | Buffer, Out = string | Uint8Array>(
  options: ConnectionOptions<In, Out> = {},
): [client: Connection, server: Connection<In, Out>] {
  const [near, far] = streamPair();
  const shared = { head: Buffer.alloc(0), subprotocol: undefined };
  const resolved = resolveOptions(options);
  const { compression } = resolved;
  const [ours, theirs] = agree(compression);
  const client = new Connection({
    ...shared,
    role: 'client',
    transport: near,
    options: resolveOptions({ compression }),
    extensions: ours,
  });
  const server = new Connection<In, Out>({
    ...shared,
    role: 'server',
    transport: far,
    options: resolved,
    extensions: theirs,
  });
  return [client, server];
}

/** What a client and a server with the same options agree on. */
function agree(compression: ResolvedCompression) {
  const offered = clientExtensions(compression);
  const offers = offered.flatMap((extension) =>
    extension.offers().map((parameters) => ({ name: extension.name, parameters })),
  );
  const accepted = negotiateExtensions(offers, serverExtensions(compression));
  const ours = accepted.flatMap(({ parameters }) => offered[0]?.accept(parameters) ?? []);
  return [ours, accepted.map(({ extension }) => extension)] as const;
}
