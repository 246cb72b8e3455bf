import type { Workload } from '../workload.ts';
import { BroadcastLoad } from './broadcast.ts';
import { EchoLoad } from './echo.ts';
import { HandshakeLoad } from './handshakes.ts';
import { IdleLoad } from './idle.ts';
import type { Round } from './round.ts';

/** What the generator is told. Each is answered before the next. */
export type Order =
  | { readonly open: Workload; readonly url: string; readonly dialect: Dialect }
  | { readonly runMs: number }
  | { readonly close: true };

/** What a server speaks: WebSocket, nothing but bytes, or Socket.IO over it. */
export type Dialect = 'websocket' | 'bytes' | 'socket.io';

/** The answer to the order with the same number. */
export interface Answer {
  readonly id: number;
  readonly round?: Round | undefined;
  readonly error?: string;
}

type Load = EchoLoad | BroadcastLoad | HandshakeLoad | IdleLoad;

/** The load generator, a process of its own, which does what it is told over its channel. */
let load: Load | undefined;
process.on('message', ({ id, ...order }: Order & { readonly id: number }) => {
  obey(order as Order).then(
    (round) => answer({ id, round }),
    (error) => answer({ id, error: String(error) }),
  );
});

function answer(words: Answer): void {
  process.send?.(words);
}

async function obey(order: Order): Promise<Round | undefined> {
  if ('open' in order) {
    load = await open(new URL(order.url), order.open, order.dialect);
    return undefined;
  }
  if ('runMs' in order) {
    if (load === undefined || load instanceof IdleLoad) throw new Error('nothing to run');
    return await awake(load.run(order.runMs));
  }
  load?.close();
  load = undefined;
  return undefined;
}

/**
 * Keeps this process from sleeping until `work` is done. A generator that waits for a slow server is woken by
 * the kernel at each answer, in the server's time: the slower the server, the more it would be charged.
 */
async function awake<T>(work: Promise<T>): Promise<T> {
  let working = true;
  const poll = () => {
    if (working) setImmediate(poll);
  };
  poll();
  try {
    return await work;
  } finally {
    working = false;
  }
}

async function open(url: URL, workload: Workload, dialect: Dialect): Promise<Load> {
  switch (workload.kind) {
    case 'echo':
      return await EchoLoad.open(url, workload, dialect === 'bytes');
    case 'broadcast':
      return await BroadcastLoad.open(url, workload, dialect === 'socket.io');
    case 'handshake':
      return new HandshakeLoad(url, workload);
    case 'idle':
      return await IdleLoad.open(url, workload, dialect === 'bytes');
  }
}
