import { Server as TlsServer } from 'node:tls';
import type { IncomingUpgrade } from './incoming-upgrade.ts';
import type { UpgradeServer } from './upgrade-server.ts';

/**
 * Has the server read a request again, without its `Upgrade`: a client that offers `h2c`, as Java's
 * and curl's do, wants an answer all the same, and "a server MAY ignore" the offer (RFC 9110 §7.8).
 *
 * Node before 24.9 (and 22.23) gives such a request to `'upgrade'` as soon as that has a listener, with
 * its body unread. Giving the socket back to the server, as `'connection'` allows, has it served with
 * its body, and the connection kept. Other listeners of that event meet the socket twice.
 */
export function serveAsPlainRequest(server: UpgradeServer, upgrade: IncomingUpgrade): void {
  const { request, socket, head } = upgrade;
  upgrade.release();
  socket.unshift(Buffer.concat([formatRequest(request), head]));
  server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', socket);
}

interface RequestHead {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
}

/** The head of the request as it came, but for `Upgrade` and the connection option of that name. */
function formatRequest({ method, url, httpVersion, rawHeaders }: RequestHead): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = withoutUpgrade(name.toLowerCase(), rawHeaders[index + 1] ?? '');
    if (value !== undefined) lines.push(`${name}: ${value}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function withoutUpgrade(name: string, value: string): string | undefined {
  if (name === 'upgrade') return undefined;
  if (name !== 'connection') return value;
  const options = value.split(',').filter((option) => option.trim().toLowerCase() !== 'upgrade');
  return options.length === 0 ? undefined : options.join(',');
}
