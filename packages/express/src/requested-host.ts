import type { Request } from 'express';

/**
 * The host that the browser asked for, with its port, where a proxy says so that the application
 * trusts; `undefined` where the request's own stands. (`req.host` has no port in Express 4.)
 */
export function requestedHost(
  request: Pick<Request, 'app' | 'get' | 'socket'>,
): string | undefined {
  const forwarded = request.get('X-Forwarded-Host');
  if (forwarded === undefined) return undefined;
  const trusts: unknown = request.app.get('trust proxy fn');
  if (typeof trusts !== 'function' || !trusts(request.socket.remoteAddress, 0)) return undefined;
  // Each proxy adds to the list: the first is what the browser asked for.
  return forwarded.split(',', 1)[0]?.trim() || undefined;
}
