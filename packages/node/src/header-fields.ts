import type { HeaderFields } from '@heddle/core';

/**
 * Every occurrence of every header field, by lower-case name, from Node's `rawHeaders`.
 *
 * Node's own `headersDistinct` would be the same; but in releases before March 2026 it throws if a
 * field is called `__proto__` (CVE-2026-21710), and a peer chooses the names.
 */
export function distinctFields(rawHeaders: readonly string[]): HeaderFields {
  const fields: Record<string, string[] | undefined> = Object.create(null);
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    const values = fields[name];
    if (values === undefined) fields[name] = [value];
    else values.push(value);
  }
  return fields;
}
