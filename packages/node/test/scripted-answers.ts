import { ScriptedServer, type ScriptedServerOptions } from '@heddle/testing';
import { onTestFinished } from 'vitest';

/** A server that does what the test says, and ends with it. */
export async function startScriptedServer(
  options?: ScriptedServerOptions,
): Promise<ScriptedServer> {
  const server = await ScriptedServer.listen(options);
  onTestFinished(() => server.close());
  return server;
}
