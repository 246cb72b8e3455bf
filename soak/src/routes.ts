import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, type Dispatch, pendingUpgrade, UsageError } from '@heddle/node';
import { Fault, type Troubles } from './server-stats.ts';

type Message = string | Buffer;

/** What a route does with a connection. `trouble` is for what should not happen. */
type Route = (socket: Connection, trouble: (text: string) => void) => unknown;

/** What a route does with a request that it does not let in. */
type Gate = () => unknown;

const forever = new Promise<never>(() => {});

/** `/flood` sends so much so often, whether it is read or not. */
const FLOOD_BYTES = 64 * 1024;
const FLOOD_AT_ONCE = 4;
const FLOOD_INTERVAL_MS = 10;
const DEFAULT_BLOCK_MS = 50;
const SLOW_MS = 5;

/** Sends back what comes, and reads no faster than that is taken. */
export function echo(socket: Connection): void {
  socket.on('drain', () => socket.resume());
  socket.on('message', (message) => {
    if (!socket.send(message)) socket.pause();
  });
}

/** Applications that do not behave, by path; and `/routed-echo`, which does, behind a router. */
export const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/routed-echo', echo],
  ['/flood', flood],
  ['/throws', (socket) => socket.on('message', fail)],
  ['/throws-at-once', fail],
  ['/rejects', (socket) => socket.on('message', async () => fail())],
  ['/rejects-at-once', async () => fail()],
  ['/blocks', (socket) => socket.on('message', (message) => block(socket, message))],
  ['/slow', slow],
  ['/never', () => forever],
  ['/never-listens', (socket) => socket.on('message', () => forever)],
  ['/never-consumes', (socket) => socket.consume(() => forever)],
  ['/send-after-close', (socket, trouble) => socket.on('message', () => late(socket, trouble))],
  ['/send-from-close', (socket, trouble) => socket.on('close', () => late(socket, trouble))],
  ['/destroy-inside', destroyInside],
  ['/removes-listeners', removeListeners],
  ['/uncaught', () => setImmediate(fail)],
  ['/unhandled', () => void Promise.reject(new Fault('as it should'))],
  ['/warns', () => process.emitWarning(new Error('about something'))],
  ['/removes-all', (socket) => socket.on('message', () => socket.removeAllListeners())],
]);

/** Applications that do not answer the handshake as they should, by path. */
export const gates: ReadonlyMap<string, Gate> = new Map<string, Gate>([
  ['/throws-before', fail],
  ['/rejects-before', async () => fail()],
  ['/never-answers', () => forever],
]);

/** The router: it accepts for `routes`, leaves `gates` to themselves, and has nothing else. */
export function createDispatch(troubles: Troubles): Dispatch {
  const trouble = (text: string): void => troubles.add(text);
  return (request: IncomingMessage, response: ServerResponse): unknown => {
    const { url = '' } = request;
    const gate = gates.get(url);
    if (gate !== undefined) return gate();
    const route = routes.get(url);
    if (route === undefined) return response.writeHead(404).end();
    pendingUpgrade(request)?.accept({}, (socket) => route(socket, trouble));
    return response.writeHead(101).end();
  };
}

function fail(): never {
  throw new Fault('as it should');
}

function flood(socket: Connection): void {
  const message = Buffer.alloc(FLOOD_BYTES, 'flood ');
  const timer = setInterval(() => {
    for (let count = 0; count < FLOOD_AT_ONCE; count++) socket.send(message, { compress: false });
  }, FLOOD_INTERVAL_MS);
  socket.on('close', () => clearInterval(timer));
}

/** Takes a message now and then. */
async function slow(socket: Connection): Promise<void> {
  for await (const _ of socket) await sleep(SLOW_MS);
}

/** A message is how long the loop is to be blocked, in milliseconds; without a number 50. */
function block(socket: Connection, message: Message): void {
  const end = performance.now() + (Number(message) || DEFAULT_BLOCK_MS);
  while (performance.now() < end);
  socket.send(message);
}

/** Sends behind a close: an error of ours at the call if the close was ours, too, and else nothing. */
function late(socket: Connection, trouble: (text: string) => void): void {
  void socket.close();
  try {
    if (socket.send('late')) trouble('what was sent after the close was taken');
  } catch (error) {
    const expected = error instanceof UsageError && error.code === 'WS_SEND_AFTER_CLOSE';
    throw expected ? new Fault(error.code) : error;
  }
}

function destroyInside(socket: Connection, trouble: (text: string) => void): void {
  socket.on('message', () => {
    if (socket.state !== 'open') trouble('a message came after destroy()');
    socket.destroy();
  });
}

/**
 * Three listeners, of which the first takes itself and the second away and adds the third: `EventEmitter`
 * calls the second once more, and the third from the next message on.
 */
function removeListeners(socket: Connection): void {
  const second = (): void => void socket.send('second');
  const third = (): void => void socket.send('third');
  const first = (): void => {
    socket.off('message', first).off('message', second).on('message', third);
    socket.send('first');
  };
  socket.on('message', first).on('message', second);
}
