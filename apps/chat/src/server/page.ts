import helmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { roomPath, toRoomName } from '../shared/room-name.ts';

/**
 * Serves the built page from `root`: `/` to choose a room, `/r/<room>` for the room itself, which
 * is the address that people share, and whatever the two load.
 */
export async function servePage(app: FastifyInstance, root: string): Promise<void> {
  await app.register(helmet, { contentSecurityPolicy, strictTransportSecurity: false });
  await app.register(fastifyStatic, {
    root,
    index: false,
    // A route for each file, not one for everything: what is not there is nobody's, and a plain GET
    // for a socket is told so (426).
    wildcard: false,
    // Their names change with their contents.
    setHeaders(reply, path) {
      if (path.includes('/assets/')) reply.header('cache-control', FOREVER);
    },
  });

  app.get('/', (_request, reply) => reply.sendFile('index.html'));

  app.get<{ Params: { room: string } }>('/r/:room', (request, reply) => {
    const room = toRoomName(request.params.room);
    if (room === undefined) return reply.redirect('/', 302);
    // One room, one address: `/r/Weekend Plans` is `/r/weekend-plans`.
    if (room !== request.params.room) return reply.redirect(roomPath(room), 302);
    return reply.sendFile('room.html');
  });
}

const FOREVER = 'public, max-age=31536000, immutable';

/**
 * Nothing runs, and nothing loads, but what this server serves. Trusted Types make a browser that
 * knows them refuse `innerHTML` and its like altogether, so text cannot become markup by mistake.
 */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
  },
};
