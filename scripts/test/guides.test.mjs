import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wholeExample } from '../run-examples.mjs';
import { root } from '../workspace.mjs';

const FOLDER = join(root, 'docs', 'guides');
const GUIDES = [
  'broadcast.md',
  'compression.md',
  'faces.md',
  'flow.md',
  'observability.md',
  'opentelemetry.md',
  'public-server.md',
  'streaming.md',
];
/** HTTP/2 needs a certificate, and browsers: its guide has no program that runs by itself. */
const WITHOUT_EXAMPLE = ['http2.md'];

describe('docs/guides', () => {
  it('has these guides, and no other', () => {
    expect(readdirSync(FOLDER).sort()).toEqual([...GUIDES, ...WITHOUT_EXAMPLE].sort());
  });

  // scripts/docs-examples.mjs runs them.
  it.each(GUIDES)('%s ends with a whole example, and what it prints', (name) => {
    const example = wholeExample(readFileSync(join(FOLDER, name), 'utf8'));
    expect(example).toEqual({
      line: expect.any(Number),
      code: expect.any(String),
      output: expect.stringMatching(/\S/),
    });
  });
});
