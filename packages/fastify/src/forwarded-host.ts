import type { PendingUpgrade, ResolvedOptions } from '@heddle/node';
import type { FastifyRequest } from 'fastify';

/**
 * `options` for a request that may have come through a proxy which Fastify trusts (`trustProxy`):
 * the origin that is the same as ours is then one of the host that the browser asked the proxy for.
 */
export function withForwardedHost(
  options: ResolvedOptions,
  { opening }: PendingUpgrade,
  { host }: FastifyRequest,
): ResolvedOptions {
  if (options.origins !== 'same' || host === opening.host) return options;
  // TLS may end at the proxy, so the scheme says nothing.
  const origins = [`http://${host}`, `https://${host}`];
  return origins.every((origin) => URL.canParse(origin)) ? { ...options, origins } : options;
}
