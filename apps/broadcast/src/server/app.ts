import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Sockets, websocket, ws } from '@heddle/koa';
import Router from '@koa/router';
import Koa from 'koa';
import { CHUNK_BYTES, CHUNK_HEADER_BYTES } from '../shared/chunk.ts';
import { SUBPROTOCOL } from '../shared/subprotocol.ts';
import { type Bounds, defaultBounds } from './bounds.ts';
import { greet } from './greet.ts';
import { Hall } from './hall.ts';
import { servePage } from './page.ts';
import { Spool } from './spool.ts';

/** What `buildApp` can be told. */
export interface AppOptions {
  readonly bounds?: Partial<Bounds>;
  /** Makes an empty spool. @default one in the system's folder for temporary files */
  readonly createSpool?: () => Promise<Spool>;
  /** Hears why a file could not be kept. @default nobody does */
  readonly onSpoolError?: (error: unknown) => void;
  /** The folder of the built page. @default the one that `vite build` writes */
  readonly pageRoot?: string;
}

/** The application, ready to listen. */
export interface Broadcast {
  readonly app: Koa;
  readonly sockets: Sockets;
  /** Sends everybody away (1001) and drops all files. Resolves when both are done. */
  close(): Promise<void>;
}

const builtPage = fileURLToPath(new URL('../page/', import.meta.url));

/** The broadcast as a Koa application. Whoever makes it closes it. */
export function buildApp(options: AppOptions = {}): Broadcast {
  const bounds = { ...defaultBounds, ...options.bounds };
  const hall = new Hall({
    bounds,
    createSpool: options.createSpool ?? (() => Spool.create(tmpdir())),
    onSpoolError: options.onSpoolError ?? (() => undefined),
  });

  const app = new Koa();
  const sockets = websocket(app, {
    subprotocols: [SUBPROTOCOL],
    limits: {
      maxMessageBytes: CHUNK_HEADER_BYTES + CHUNK_BYTES,
      // Some more than there is room for: those are told that it is full.
      maxConnections: bounds.maxPeople + 20,
    },
  });
  servePage(app, options.pageRoot ?? builtPage);

  const router = new Router();
  router.get(
    '/socket',
    ws((socket, ctx) => greet(hall, socket, [ctx.query['name'] ?? ''].flat()[0])),
  );
  app.use(router.routes());

  const close = async () => {
    await sockets.close();
    await hall.close();
  };
  return { app, sockets, close };
}
