import type { FastifyReply } from 'fastify';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { buildApp, LogLines, listen, nextMessage, refusalOf } from './app.ts';

describe('the hooks of an upgrade', () => {
  it('run in the order of any request, and all before the handler', async () => {
    const app = await buildApp();
    const ran: string[] = [];
    app.addHook('onRequest', async () => void ran.push('onRequest'));
    app.addHook('preParsing', async () => void ran.push('preParsing'));
    app.addHook('preValidation', async () => void ran.push('preValidation'));
    app.addHook('preHandler', async () => void ran.push('preHandler'));
    app.addHook('preSerialization', async () => void ran.push('preSerialization'));
    app.addHook('onSend', async () => void ran.push('onSend'));
    const responded = new Promise<void>((resolve) => {
      app.addHook('onResponse', async (_request, reply) => {
        ran.push(`onResponse ${reply.statusCode}`);
        resolve();
      });
    });
    app.ws('/a', () => void ran.push('handler'));
    await app.injectWS('/a');
    await responded;
    expect(ran.slice(0, 5)).toEqual([
      'onRequest',
      'preParsing',
      'preValidation',
      'preHandler',
      'onSend',
    ]);
    // There is no payload to serialize; and who is first of these two does not matter.
    expect(ran.slice(5).toSorted()).toEqual(['handler', 'onResponse 101']);
  });

  it('may be those of the route and of its plugin', async () => {
    const app = await buildApp();
    const ran: string[] = [];
    app.register(async (api) => {
      api.addHook('onRequest', async () => void ran.push('plugin'));
      const preHandler = [
        async () => void ran.push('route 1'),
        async () => void ran.push('route 2'),
      ];
      api.ws('/inner', { preHandler }, () => {});
    });
    app.ws('/outer', () => {});
    await app.injectWS('/outer');
    expect(ran).toEqual([]);
    await app.injectWS('/inner');
    expect(ran).toEqual(['plugin', 'route 1', 'route 2']);
  });

  it.each(['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const)(
    'may refuse with a whole response in %s',
    async (hook) => {
      const app = await buildApp();
      const sent: number[] = [];
      const onSend = async (_: unknown, reply: { statusCode: number }) =>
        void sent.push(reply.statusCode);
      app.addHook('onSend', onSend);
      app.ws(
        '/a',
        {
          [hook]: async (_request: unknown, reply: FastifyReply) =>
            reply.code(401).header('WWW-Authenticate', 'Bearer').send({ sorry: 'log in first' }),
        },
        () => expect.unreachable(),
      );
      expect(await refusalOf(app.injectWS('/a'))).toMatchObject({
        status: 401,
        headers: {
          'www-authenticate': 'Bearer',
          'content-type': 'application/json; charset=utf-8',
        },
        body: '{"sorry":"log in first"}',
      });
      expect(sent).toEqual([401]);
    },
  );

  it('see the error of a hook in onError, and the error handler answers it', async () => {
    const app = await buildApp();
    const seen: string[] = [];
    app.addHook('onError', async (_request, _reply, error) => void seen.push(error.message));
    app.setErrorHandler((error: Error, _request, reply) =>
      reply.code(503).send({ oops: error.message }),
    );
    app.addHook('preHandler', async () => {
      throw new Error('no database');
    });
    app.ws('/a', () => expect.unreachable());
    expect(await refusalOf(app.injectWS('/a'))).toMatchObject({
      status: 503,
      body: '{"oops":"no database"}',
    });
    expect(seen).toEqual(['no database']);
  });

  const failure = Object.assign(new Error('not saved'), { statusCode: 507 });
  const answers: [string, (() => void) | undefined, number][] = [
    ["Fastify's own error handler", undefined, 507],
    ['an error handler that sets no status', () => {}, 500],
  ];
  it.each(answers)('refuse in onSend, too: %s', async (_name, handler, status) => {
    const app = await buildApp();
    if (handler !== undefined) app.setErrorHandler((_error, _request, reply) => reply.send('oops'));
    const errors: unknown[] = [];
    app.addHook('onError', async (_request, _reply, error) => void errors.push(error));
    app.addHook('onSend', async (_request, reply) => {
      // As a session that cannot be stored.
      if (reply.statusCode === 101) throw failure;
    });
    app.ws('/a', () => expect.unreachable());
    app.route({
      method: 'GET',
      url: '/b',
      handler: async () => 'a page',
      wsHandler: () => expect.unreachable(),
      onError: async (_request, _reply, error) => void errors.push(error),
    });
    expect(await refusalOf(app.injectWS('/a'))).toMatchObject({ status });
    expect(await refusalOf(app.injectWS('/b'))).toMatchObject({ status });
    expect(errors).toEqual([failure, failure, failure]);
  });

  it('may take no longer than handlerTimeout', async () => {
    const app = await buildApp();
    let aborted = false;
    const preHandler = async ({ signal }: { signal: AbortSignal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted = true;
    };
    app.ws('/slow', { handlerTimeout: 30, preHandler }, () => expect.unreachable());
    app.ws('/fast', { handlerTimeout: 30 }, async (socket) => {
      for await (const message of socket) socket.send(message);
    });
    await expect(app.injectWS('/slow')).rejects.toMatchObject({ status: 503 });
    expect(aborted).toBe(true);
    // It is the answer that is in time, not the connection.
    const socket = await app.injectWS('/fast');
    await new Promise((resolve) => setTimeout(resolve, 60));
    socket.send('still there');
    expect(await nextMessage(socket)).toBe('still there');
  });
});

describe('the log', () => {
  it('has a line for the request and one for its 101', async () => {
    const log = new LogLines();
    const app = await buildApp({}, { logger: { stream: log } });
    app.ws('/a', (socket, request) => {
      request.log.info('in the handler');
      socket.send('hello');
    });
    await nextMessage(await app.injectWS('/a'));
    const [incoming] = log.named('incoming request');
    expect(incoming).toMatchObject({ req: { method: 'GET', url: '/a' } });
    const reqId = incoming?.['reqId'];
    expect(log.named('request completed')).toMatchObject([{ reqId, res: { statusCode: 101 } }]);
    expect(log.named('in the handler')).toMatchObject([{ reqId }]);
  });
});

describe('the 101', () => {
  it('has the header fields and cookies that hooks set, for any client to read', async () => {
    const app = await buildApp();
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('X-Early', '1').header('Set-Cookie', ['a=1', 'b=2']);
    });
    app.addHook('onSend', async (_request, reply) => void reply.header('X-Late', '2'));
    app.ws('/a', () => {});
    const client = new WebSocket(`ws://${await listen(app)}/a`);
    const headers = await new Promise((resolve) => {
      client.on('upgrade', (response) => resolve(response.headers));
    });
    expect(headers).toMatchObject({ 'x-early': '1', 'x-late': '2', 'set-cookie': ['a=1', 'b=2'] });
    client.terminate();
  });
});
