import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusals } from '../../packages/core/src/handshake/refusal.ts';
import { misuses } from '../../packages/core/src/misuse.ts';
import { violations } from '../../packages/core/src/violation.ts';
import { errorsDoc, remedies } from '../errors-doc.mjs';
import { root } from '../workspace.mjs';

describe('docs/errors.md', () => {
  it('is what `node scripts/errors-doc.mjs` writes', () => {
    expect(readFileSync(join(root, 'docs', 'errors.md'), 'utf8')).toBe(errorsDoc());
  });

  it('has each code once, with a sentence what to do', () => {
    const codes = [violations, refusals, misuses].flatMap((table) => Object.keys(table));
    expect(Object.keys(remedies).sort()).toEqual([...codes].sort());
    for (const code of codes) {
      const rows = errorsDoc()
        .split('\n')
        .filter((line) => line.startsWith(`| \`${code}\` |`));
      expect(rows).toEqual([expect.stringMatching(/ \| [A-Z`][^|]*\. \|$/)]);
    }
  });
});
