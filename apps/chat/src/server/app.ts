import { fileURLToPath } from 'node:url';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import websocket from '@heddle/fastify';
import Fastify, { type FastifyServerOptions } from 'fastify';
import Type from 'typebox';
import { toRoomName } from '../shared/room-name.ts';
import { SUBPROTOCOL } from '../shared/subprotocol.ts';
import { ClientMessage, ServerMessage } from '../shared/wire.ts';
import { servePage } from './page.ts';
import { refusal } from './refusal.ts';
import { Rooms } from './room.ts';
import { MessageStore } from './store.ts';
import { type Clock, Visit } from './visit.ts';

/** What `buildApp` can be told. */
export interface AppOptions {
  /** The SQLite file with all messages; created if it is not there. */
  readonly databasePath: string;
  /** The folder of the built page. @default the one that `vite build` writes */
  readonly pageRoot?: string;
  /** @default no log */
  readonly logger?: FastifyServerOptions['logger'];
  /** @default the system's clocks */
  readonly clock?: Clock;
  /** Serve HTTPS with this key and certificate, in PEM, over HTTP/2 or HTTP/1.1. @default plain HTTP */
  readonly tls?: { readonly key: string; readonly cert: string };
}

const systemClock: Clock = { date: () => Date.now(), elapsed: () => performance.now() };

const builtPage = fileURLToPath(new URL('../page/', import.meta.url));

const Params = Type.Object({ room: Type.String({ maxLength: 1_000 }) });

/** The chat as a Fastify instance, ready to listen. It closes its database when it is closed. */
export async function buildApp(options: AppOptions) {
  const app = Fastify({
    ...listenerFor(options),
    logger: options.logger ?? false,
    // A room of 48 characters of any script, percent-encoded.
    routerOptions: { maxParamLength: 1_000 },
    // The message is a union: with Ajv's `removeAdditional`, each alternative that does not match
    // would take away the properties that it does not know.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  }).withTypeProvider<TypeBoxTypeProvider>();

  const store = new MessageStore(options.databasePath);
  app.addHook('onClose', () => store.close());
  await app.register(websocket, { limits: { maxMessageBytes: 64 * 1024 } });
  await servePage(app, options.pageRoot ?? builtPage);

  const rooms = new Rooms();
  const clock = options.clock ?? systemClock;
  app.ws(
    '/r/:room/socket',
    {
      schema: { params: Params, message: ClientMessage, reply: ServerMessage },
      subprotocols: [SUBPROTOCOL],
      // An ordinary route's ordinary hook: who asks for a room that cannot be gets a 404, no socket.
      preHandler: async ({ params: { room } }, reply) => {
        if (toRoomName(room) !== room) return reply.code(404).send({ error: 'No such room' });
      },
      onInvalidMessage: (_error, socket) => socket.send(refusal('bad_message')),
    },
    async (socket, request) => {
      const send = (message: ServerMessage) => void socket.send(message);
      const visit = new Visit({ roomName: request.params.room, rooms, store, clock, send });
      try {
        for await (const message of socket) visit.receive(message);
      } finally {
        visit.end();
      }
    },
  );
  return app;
}

/**
 * Fastify's types know one kind of server at a time. Nothing here depends on which it is: to a route,
 * a WebSocket over HTTP/2 is the same as over HTTP/1.1.
 */
function listenerFor({ tls }: AppOptions): FastifyServerOptions {
  const secure = { http2: true, https: { ...tls, allowHTTP1: true } };
  return tls === undefined ? {} : (secure as FastifyServerOptions);
}
