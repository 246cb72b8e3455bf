import type { ContractRoute } from './harness.ts';

export interface MatchedRoute {
  readonly route: ContractRoute;
  readonly params: Readonly<Record<string, string>>;
}

/** The first route whose prefix and path are those of `url`, segment by segment. */
export function matchRoute(
  routes: readonly ContractRoute[],
  url: string,
): MatchedRoute | undefined {
  const segments = new URL(url, 'http://localhost').pathname.split('/');
  for (const route of routes) {
    const params = matchSegments(`${route.prefix}${route.path}`.split('/'), segments);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const actual = decodeURIComponent(segments[index] ?? '');
    if (expected.startsWith(':')) params[expected.slice(1)] = actual;
    else if (expected !== actual) return undefined;
  }
  return params;
}
