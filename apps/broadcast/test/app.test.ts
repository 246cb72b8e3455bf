import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@heddle/app-kit/testing/temp-folder';
import { inject } from '@heddle/koa';
import { describe, expect, it } from 'vitest';
import { SUBPROTOCOL } from '../src/shared/subprotocol.ts';
import { start } from './start.ts';

describe('the page', () => {
  it('lets nothing run but what this server serves', async () => {
    const { url } = await startWithPage();
    const { status, headers } = await fetch(url);
    expect(status).toBe(200);
    const policy = String(headers.get('content-security-policy')).split(';');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy.join()).not.toMatch(/unsafe|data:|\*/u);
  });

  it('is asked for anew each time, and what it loads is kept', async () => {
    const { url } = await startWithPage();
    expect((await fetch(url)).headers.get('cache-control')).toBe('max-age=0');
    const asset = await fetch(`${url}/assets/index-1234.js`);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    expect((await fetch(`${url}/%2e%2e/%2e%2e/etc/passwd`)).status).toBe(404);
  });
});

describe('the socket', () => {
  it('has a name for its language, and the headers of every other answer', async () => {
    const { server } = await startWithPage();
    const socket = await inject(server, '/socket?name=Ada', { subprotocols: [SUBPROTOCOL] });
    expect(socket.subprotocol).toBe(SUBPROTOCOL);
    await socket.close();
  });

  it('is refused to a page of another site', async () => {
    const { server } = await startWithPage();
    const headers = { origin: 'https://evil.example' };
    await expect(inject(server, '/socket', { headers })).rejects.toMatchObject({ status: 403 });
  });

  it('is no page', async () => {
    expect((await fetch(`${(await startWithPage()).url}/socket`)).status).toBe(426);
  });
});

async function startWithPage() {
  const pageRoot = tempFolder();
  mkdirSync(join(pageRoot, 'assets'));
  for (const file of ['index.html', 'assets/index-1234.js']) {
    writeFileSync(join(pageRoot, file), file);
  }
  return await start({ pageRoot });
}
