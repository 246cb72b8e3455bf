import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import session from '@fastify/session';
import {
  type ContractAnswer,
  type ContractApp,
  type ContractHarness,
  type ContractRoute,
  type ListeningServer,
  listen,
  stopListening,
} from '@heddle/testing/contract';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import websocket from '../src/index.ts';

/** The contract's applications as a user of Fastify would write them. */
export const harness: ContractHarness = {
  async start(app) {
    const fastify = create(app);
    await registerPlugins(fastify, app);
    addHooks(fastify, app);
    for (const route of app.routes) declare(fastify, route);
    await fastify.listen({ port: 0, host: '127.0.0.1' });
    const others = await listenToo(fastify, app);
    return {
      servers: [fastify.server, ...others],
      async close() {
        await fastify.close();
        await stopListening(others);
      },
    };
  },
};

function create({ tls, http }: ContractApp): FastifyInstance {
  if (tls === undefined) return Fastify();
  if (http === 1) return Fastify({ https: tls });
  // Without this its close() waits for every HTTP/2 client to leave, before Node 24.
  const forceCloseConnections = true;
  const https = { ...tls, allowHTTP1: true };
  const fastify = Fastify({ http2: true, https, forceCloseConnections });
  // Fastify has another type for each kind of server; what is used here is the same for all.
  return fastify as unknown as FastifyInstance;
}

async function registerPlugins(fastify: FastifyInstance, app: ContractApp): Promise<void> {
  await fastify.register(websocket, {
    ...app.options,
    onError: app.onError,
    closingTimeoutMs: app.closeTimeoutMs,
  });
  if (app.helmet) await fastify.register(helmet);
  if (app.rateLimit !== undefined) {
    await fastify.register(rateLimit, { max: app.rateLimit, timeWindow: 60_000 });
  }
  if (app.session) {
    await fastify.register(cookie);
    await fastify.register(session, { secret: 's'.repeat(32), cookie: { secure: false } });
  }
}

function addHooks(fastify: FastifyInstance, app: ContractApp): void {
  const { answerError, onResponse, responseHeaders } = app;
  fastify.addHook('onSend', async (_request, reply) => {
    reply.headers(responseHeaders);
  });
  fastify.addHook('onResponse', async (_request, reply) => onResponse(reply.statusCode));
  if (answerError !== undefined) {
    fastify.setErrorHandler((error, _request, reply) => answer(reply, answerError(error)));
  }
}

/** Each route in an encapsulated plugin of its own, with the hook that is the route's. */
function declare(fastify: FastifyInstance, route: ContractRoute): void {
  const { prefix, path, before, get, ws, options } = route;
  fastify.register(
    async (api) => {
      api.addHook('preHandler', async (request, reply) => {
        const { headers = {}, refuse } = await before(request);
        reply.headers(headers);
        if (refuse !== undefined) return answer(reply, refuse);
      });
      if (get !== undefined) api.get(path, async (request) => get(request));
      if (ws !== undefined) api.ws(path, options, (socket, request) => ws(socket, request));
    },
    { prefix },
  );
}

function answer(reply: FastifyReply, { status, headers, body }: ContractAnswer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

/** A second server for the same application. */
async function listenToo(fastify: FastifyInstance, app: ContractApp): Promise<ListeningServer[]> {
  const servers = await listen({ ...app, servers: app.servers - 1 }, (request, response) =>
    fastify.routing(request, response),
  );
  for (const server of servers) fastify.websocketServer.sockets.attach(server);
  return servers;
}
