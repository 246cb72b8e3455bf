import { createHash } from 'node:crypto';

/**
 * The public name-independent identity that belongs to a browser's secret key. Others see it with
 * every message, and cannot get back to the key: so nobody can speak as somebody else.
 */
export function authorOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 16);
}
