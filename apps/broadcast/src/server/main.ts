import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buildApp } from './app.ts';
import { readSettings, type Settings } from './settings.ts';
import { Spool } from './spool.ts';

/** How long the pages may take to say goodbye before the process ends anyway. */
const SHUTDOWN_MS = 10_000;

const settings = attempt(() => readSettings(process.env));
const { port, host, spoolFolder, bounds } = settings;
const createSpool = () => Spool.create(spoolFolder);
await (await createSpool().catch(cannotSpool)).close();

const broadcast = buildApp({ bounds, createSpool, onSpoolError: logSpoolError });
const server = broadcast.app.listen(port, host);
await once(server, 'listening').catch((error) => exitWith(explain(error)));
console.log(`Broadcast: ${urlOf(server.address())}`);
console.log(`Files on their way: ${spoolFolder}`);

process.once('SIGINT', stop);
process.once('SIGTERM', stop);

/** Tells every page that it should come back (1001), which they do, and ends the process with 0. */
async function stop(): Promise<void> {
  setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
  server.close();
  await broadcast.close();
  server.closeAllConnections();
}

function attempt(read: () => Settings): Settings {
  try {
    return read();
  } catch (error) {
    return exitWith(error instanceof Error ? error.message : String(error));
  }
}

function cannotSpool(error: NodeJS.ErrnoException): never {
  exitWith(`The folder ${spoolFolder} cannot hold files (SPOOL_DIR): ${error.message}`);
}

function logSpoolError(error: unknown): void {
  console.error('A file could not be kept on the disk:', error);
}

function exitWith(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

function explain(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') {
    return `Port ${port} is taken. Choose another: PORT=${port + 1}`;
  }
  if (error.code === 'EACCES' && error.syscall === 'listen') {
    return `This user may not listen on port ${port}. Choose one above 1023: PORT=3000`;
  }
  return `The broadcast cannot start: ${error.message}`;
}

function urlOf(address: AddressInfo | string | null): string {
  if (typeof address !== 'object' || address === null) return String(address);
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${name}:${address.port}`;
}
