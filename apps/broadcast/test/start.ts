import { once } from 'node:events';
import { tempFolder } from '@heddle/app-kit/testing/temp-folder';
import { onTestFinished } from 'vitest';
import { type AppOptions, buildApp } from '../src/server/app.ts';

/** The application on a port of its own, for one test. */
export async function start(options: AppOptions = {}) {
  const broadcast = buildApp({ pageRoot: tempFolder(), ...options });
  const server = broadcast.app.listen(0, '127.0.0.1');
  onTestFinished(async () => {
    server.close();
    await broadcast.close();
  });
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { ...broadcast, server, url: `http://127.0.0.1:${port}` };
}
