import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildApp } from './app.ts';

/** The whole of the chat's settings, all from the environment. */
const port = Number(process.env['PORT'] ?? 3000);
const host = process.env['HOST'] ?? '127.0.0.1';
const databasePath =
  process.env['CHAT_DB'] ?? fileURLToPath(new URL('../../chat.sqlite', import.meta.url));
const logger = { level: process.env['LOG_LEVEL'] ?? 'warn' };
const { TLS_KEY: keyPath, TLS_CERT: certPath } = process.env;

/** How long the pages may take to say goodbye before the process ends anyway. */
const SHUTDOWN_MS = 10_000;

const tls = await readTls().catch(exitWith);
const app = await buildApp({ databasePath, logger, ...(tls && { tls }) }).catch(exitWith);
const address = await app.listen({ port, host }).catch(exitWith);
console.log(`Chat: ${address}`);
console.log(`History: ${databasePath}`);

process.once('SIGINT', stop);
process.once('SIGTERM', stop);

/** Tells every page that it should come back (1001), which they do, and ends the process with 0. */
async function stop(): Promise<void> {
  setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
  await app.close();
}

/** The files of TLS_KEY and TLS_CERT, in PEM; without them the chat speaks plain HTTP. */
async function readTls(): Promise<{ key: string; cert: string } | undefined> {
  if (keyPath === undefined && certPath === undefined) return undefined;
  if (keyPath === undefined || certPath === undefined) {
    throw new Error('TLS_KEY and TLS_CERT go together: the paths of a key and of its certificate');
  }
  return { key: await readFile(keyPath, 'utf8'), cert: await readFile(certPath, 'utf8') };
}

function exitWith(error: NodeJS.ErrnoException): never {
  console.error(explain(error));
  process.exit(1);
}

function explain(error: NodeJS.ErrnoException): string {
  if (error.code === 'ERR_SOCKET_BAD_PORT') {
    return `PORT is "${process.env['PORT']}", and should be a number from 0 to 65535.`;
  }
  if (error.code === 'EADDRINUSE') {
    return `Port ${port} is taken. Choose another: PORT=${port + 1}`;
  }
  if (error.code === 'EACCES' && error.syscall === 'listen') {
    return `This user may not listen on port ${port}. Choose one above 1023: PORT=3000`;
  }
  return `The chat cannot start: ${error.message}`;
}
