import { initTRPC } from '@trpc/server';
import { getWSConnectionHandler } from '@trpc/server/adapters/ws';
import {
  execute,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
  subscribe,
  validate,
} from 'graphql';
import { createClient } from 'graphql-ws';
import { makeHandler } from 'graphql-ws/use/@fastify/websocket';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { withWsSocket } from '../src/index.ts';
import { buildApp, listen, nextMessage } from './app.ts';

/** The real ones, with the handlers that they have for @fastify/websocket and `ws`. */
describe('withWsSocket', () => {
  it('serves the handler of graphql-ws', async () => {
    const app = await buildApp();
    const subprotocols = ['graphql-transport-ws'];
    // Vitest and Node may each load a graphql of their own; one must do it all.
    const graphql = { parse, validate, execute, subscribe };
    const handler = withWsSocket(makeHandler({ schema: countdownSchema(), ...graphql }));
    app.get('/graphql', { websocket: true, subprotocols }, handler);
    const client = createClient({
      url: `ws://${await listen(app)}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
    const query = await collect(client.iterate({ query: '{ hello }' }));
    expect(query).toEqual([{ data: { hello: 'hello' } }]);
    const subscription = await collect(client.iterate({ query: 'subscription { countdown }' }));
    expect(subscription).toEqual(['2', '1', '0'].map((countdown) => ({ data: { countdown } })));
    // What the helper writes there, on its first connection.
    expect(app.websocketServer.options.handleProtocols).toBeTypeOf('function');
    await client.dispose();
  });

  it('serves the handler of tRPC', async () => {
    const t = initTRPC.context<{ user: string }>().create();
    const router = t.router({
      whoami: t.procedure.query(({ ctx }) => ctx.user),
      countdown: t.procedure.subscription(async function* () {
        yield* [2, 1, 0];
      }),
    });
    const createContext = () => ({ user: 'ann' });
    // The handler never touches it, but its type wants one.
    const wss = new WebSocketServer({ noServer: true });
    const onConnection = getWSConnectionHandler({ router, createContext, wss });
    const app = await buildApp();
    app.get(
      '/trpc',
      { websocket: true },
      withWsSocket<WebSocket>((socket, request) => onConnection(socket, request.raw)),
    );
    const client = await app.injectWS('/trpc');
    client.send('PING');
    expect(await nextMessage(client)).toBe('PONG');
    client.send(JSON.stringify({ id: 1, method: 'query', params: { path: 'whoami' } }));
    expect(JSON.parse(String(await nextMessage(client)))).toMatchObject({
      id: 1,
      result: { data: 'ann' },
    });
    const answers: unknown[] = [];
    client.on('message', (message) => answers.push(JSON.parse(String(message)).result));
    client.send(JSON.stringify({ id: 2, method: 'subscription', params: { path: 'countdown' } }));
    await expect
      .poll(() => answers)
      .toMatchObject([
        { type: 'started' },
        { data: 2 },
        { data: 1 },
        { data: 0 },
        { type: 'stopped' },
      ]);
    await client.close();
  });
});

function countdownSchema(): GraphQLSchema {
  const hello = { type: GraphQLString, resolve: () => 'hello' };
  const countdown = {
    type: GraphQLString,
    async *subscribe() {
      for (const countdown of ['2', '1', '0']) yield { countdown };
    },
  };
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { hello } }),
    subscription: new GraphQLObjectType({ name: 'Subscription', fields: { countdown } }),
  });
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const one of source) collected.push(one);
  return collected;
}
