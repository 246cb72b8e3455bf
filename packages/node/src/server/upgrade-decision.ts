import type { IncomingMessage } from 'node:http';
import type { UpgradeServer } from './upgrade-server.ts';

type UpgradeDecision = (request: IncomingMessage) => boolean;

/**
 * Has `accepts` decide, after whoever decided before, which requests the server gives to `'upgrade'`;
 * the others stay plain ones. Returns what takes that back. From Node 24.9 (and 22.23) on a server can
 * be told so; on an older one this does nothing.
 */
export function decideUpgrades(server: UpgradeServer, accepts: UpgradeDecision): () => void {
  const previous: unknown = Reflect.get(server, 'shouldUpgradeCallback');
  if (typeof previous !== 'function') return () => {};
  let active = true;
  const decide = (request: IncomingMessage): boolean =>
    Boolean(previous.call(server, request)) && (!active || accepts(request));
  Reflect.set(server, 'shouldUpgradeCallback', decide);
  return () => {
    active = false;
    // If somebody has wrapped ours meanwhile, it stays and agrees to everything.
    const current: unknown = Reflect.get(server, 'shouldUpgradeCallback');
    if (current === decide) Reflect.set(server, 'shouldUpgradeCallback', previous);
  };
}
