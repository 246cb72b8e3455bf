import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as contract from '../src/contract/index.ts';
import * as testing from '../src/index.ts';

describe('the public API', () => {
  it('of @heddle/testing', () => {
    expect(Object.keys(testing).sort()).toEqual([
      'Client',
      'Http2Peer',
      'SAMPLE_KEY',
      'ScriptedPeer',
      'ScriptedServer',
      'ScriptedSession',
      'acceptFor',
      'concatBytes',
      'encodeFrame',
      'encodeHandshake',
      'encodeRequest',
      'formatBytes',
      'handshakeHeaders',
      'openClient',
      'openClientOn',
      'portOf',
      'selfSignedCertificate',
      'textBytes',
      'toBytes',
    ]);
  });

  it('of @heddle/testing/contract', () => {
    expect(Object.keys(contract).sort()).toEqual([
      'PlainFramework',
      'adapterContract',
      'listen',
      'primitivesContract',
      'stopListening',
    ]);
  });

  it('of @heddle/testing does not need Vitest', () => {
    const packages = packagesBehind(new URL('../src/index.ts', import.meta.url));
    expect(packages.filter((name) => !name.startsWith('node:'))).toEqual(['@heddle/core']);
  });
});

/** The packages that a module imports, and those that its own modules import. */
function packagesBehind(start: URL): string[] {
  const packages = new Set<string>();
  const modules = new Map([[start.href, start]]);
  for (const module of modules.values()) {
    for (const [, name = ''] of readFileSync(module, 'utf8').matchAll(/ from '([^']+)';/g)) {
      const target = new URL(name, module);
      if (name.startsWith('.')) modules.set(target.href, target);
      else packages.add(name);
    }
  }
  return [...packages].sort();
}
