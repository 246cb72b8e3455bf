import { UsageError } from '@heddle/node';

/** The segment that upgrades have at the end of their path, so that they match no route of plain GETs. */
const SEGMENT = '.websocket';

/** The target of an upgrade as the routes of `app.ws` match it: `/chat?a=b` is `/chat/.websocket?a=b`. */
export function webSocketUrl(url: string): string {
  const [path = '', ...query] = url.split('?');
  return [webSocketPath(path), ...query].join('?');
}

/** What `webSocketUrl` was made of. */
export function plainUrl(url: string): string {
  const [path = '', ...query] = url.split('?');
  const plain = path.endsWith(`/${SEGMENT}`) ? path.slice(0, -SEGMENT.length - 1) : path;
  return [plain || '/', ...query].join('?');
}

/** The same for the path of a route, whose question marks are Express' own. */
export function webSocketPath(path: unknown): string {
  if (typeof path !== 'string') {
    throw new UsageError('WS_INVALID_ROUTE', 'the path of a route of app.ws must be a string');
  }
  return path.endsWith('/') ? path + SEGMENT : `${path}/${SEGMENT}`;
}
