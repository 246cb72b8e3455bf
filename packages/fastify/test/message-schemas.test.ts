import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CompiledSchema } from '../src/compiled-schema.ts';
import { buildApp, nextMessage } from './app.ts';

const say = {
  type: 'object',
  required: ['text'],
  properties: { text: { type: 'string' }, loud: { type: 'boolean', default: false } },
  additionalProperties: false,
} as const;

describe('schema.message', () => {
  it("is JSON Schema for Fastify's compiler, with its defaults and coercions", async () => {
    const app = await buildApp();
    app.ws('/a', { schema: { message: say } }, (socket) => {
      socket.on('message', (message) => socket.send(JSON.stringify(message)));
    });
    const socket = await app.injectWS('/a');
    socket.send('{"text":7,"extra":true}');
    expect(await nextMessage(socket)).toBe('{"text":"7","loud":false}');
  });

  it('is coerced if it is no object, too', async () => {
    const app = await buildApp();
    app.ws('/a', { schema: { message: { type: 'integer' } } }, (socket) => {
      socket.on('message', (message) => socket.send(typeof message));
    });
    const socket = await app.injectWS('/a');
    socket.send('"7"');
    expect(await nextMessage(socket)).toBe('number');
  });

  it('may refer to schemas that the instance has', async () => {
    const app = await buildApp();
    app.register(async (api) => {
      api.addSchema({ $id: 'say', ...say });
      api.ws('/a', { schema: { message: { $ref: 'say#' } } }, (socket) => {
        socket.on('message', (message) => socket.send(JSON.stringify(message)));
      });
    });
    const socket = await app.injectWS('/a');
    socket.send('{"text":"hello"}');
    expect(await nextMessage(socket)).toBe('{"text":"hello","loud":false}');
  });

  it('closes with 1008 and says where a message is wrong', async () => {
    const app = await buildApp();
    app.ws('/a', { schema: { message: say } }, (socket) => {
      socket.on('message', () => expect.unreachable());
    });
    const socket = await app.injectWS('/a');
    socket.send('{"text":{}}');
    const { code, reason } = await socket.closed;
    expect(code).toBe(1008);
    expect(reason).toContain('text: must be string');
  });

  it('hands a wrong message to onInvalidMessage, with the request', async () => {
    const app = await buildApp();
    app.ws(
      '/a/:name',
      {
        schema: { message: say, reply: { type: 'string' } },
        onInvalidMessage: (error, socket, request) =>
          void socket.send(`${error.code} for ${JSON.stringify(request.params)}`),
      },
      (socket) => {
        socket.on('message', () => socket.send('that was right'));
      },
    );
    const socket = await app.injectWS('/a/ann');
    socket.send('no JSON at all');
    expect(await nextMessage(socket)).toBe(JSON.stringify('WS_INVALID_MESSAGE for {"name":"ann"}'));
    socket.send('{"text":"hello"}');
    expect(await nextMessage(socket)).toBe('"that was right"');
  });

  it('may be a Standard Schema, whatever the compiler is', async () => {
    const app = await buildApp();
    app.setValidatorCompiler(() => expect.unreachable());
    const message = z.object({ at: z.iso.datetime().transform((text) => new Date(text)) });
    app.ws('/a', { schema: { message } }, (socket) => {
      socket.on('message', ({ at }) => socket.send(String(at.getUTCFullYear())));
    });
    const socket = await app.injectWS('/a');
    socket.send('{"at":"2026-11-22T08:00:00Z"}');
    expect(await nextMessage(socket)).toBe('2026');
    socket.send('{"at":"yesterday"}');
    expect(await socket.closed).toMatchObject({ code: 1008 });
  });

  it('may be a function', async () => {
    const app = await buildApp();
    const message = (value: unknown) =>
      typeof value === 'number' ? { value: value + 1 } : { issues: [{ message: 'no number' }] };
    app.ws('/a', { schema: { message } }, (socket) => {
      socket.on('message', (next) => socket.send(String(next)));
    });
    const socket = await app.injectWS('/a');
    socket.send('1');
    expect(await nextMessage(socket)).toBe('2');
  });
});

describe('the compiler of schema.message', () => {
  it("is that of the plugin's instance", async () => {
    const app = await buildApp();
    const message = Type.Object({ text: Type.String() });
    app.register(async (api) => {
      api.setValidatorCompiler(TypeBoxValidatorCompiler);
      api
        .withTypeProvider<TypeBoxTypeProvider>()
        .ws('/strict', { schema: { message } }, (socket) => {
          socket.on('message', ({ text }) => socket.send(text));
        });
    });
    app.ws('/lax', { schema: { message } }, (socket) => {
      socket.on('message', (loose) => socket.send(JSON.stringify(loose)));
    });
    const lax = await app.injectWS('/lax');
    lax.send('{"text":7}');
    expect(await nextMessage(lax)).toBe('{"text":"7"}');
    const strict = await app.injectWS('/strict');
    strict.send('{"text":"seven"}');
    expect(await nextMessage(strict)).toBe('seven');
    strict.send('{"text":7}');
    const { code, reason } = await strict.closed;
    expect(code).toBe(1008);
    expect(reason).toContain('text: must be string');
  });

  it("is the route's own, if it has one", async () => {
    const app = await buildApp();
    const asked: unknown[] = [];
    app.ws(
      '/a',
      {
        schema: { message: { mine: true } },
        validatorCompiler: (definition) => {
          asked.push(definition);
          return (value: unknown) =>
            value === 'good' ? { value: 'better' } : { error: new Error('not good') };
        },
      },
      (socket) => {
        socket.on('message', (message) => socket.send(String(message)));
      },
    );
    const socket = await app.injectWS('/a');
    socket.send('"good"');
    expect(await nextMessage(socket)).toBe('better');
    socket.send('"bad"');
    expect(await socket.closed).toMatchObject({
      code: 1008,
      reason: expect.stringContaining('not good'),
    });
    expect(asked).toEqual([{ schema: { mine: true }, method: 'GET', url: '/a', httpPart: 'body' }]);
  });

  it('must not answer with a promise', async () => {
    const errors: unknown[] = [];
    const app = await buildApp({ onError: (error) => void errors.push(error) });
    const validatorCompiler = () => () => Promise.resolve(true);
    app.ws(
      '/a',
      { schema: { message: say }, validatorCompiler: validatorCompiler as never },
      (socket) => {
        socket.on('message', () => expect.unreachable());
      },
    );
    const socket = await app.injectWS('/a');
    socket.send('{"text":"hello"}');
    expect(await socket.closed).toMatchObject({ code: 1011 });
    expect(errors).toMatchObject([
      { code: 'WS_INVALID_OPTION', message: expect.stringContaining('schema.message of /a') },
    ]);
  });

  it('refuses a wrong schema when the application starts, if it is there by then', async () => {
    const app = await buildApp();
    app.get('/page', { schema: { querystring: { type: 'object' } } }, async () => 'a page');
    app.ws('/a', { schema: { message: { type: 'nonsense' } } }, () => {});
    await expect(app.ready()).rejects.toMatchObject({
      code: 'WS_INVALID_OPTION',
      message: expect.stringContaining('schema.message of /a does not compile'),
    });
  });

  it('refuses it with 500 when the first client comes, if Fastify has made none before', async () => {
    const app = await buildApp();
    app.ws('/a', { schema: { message: { type: 'nonsense' } } }, () => expect.unreachable());
    await expect(app.injectWS('/a')).rejects.toMatchObject({ status: 500 });
  });

  it('must have been asked before the first message', () => {
    expect(() => new CompiledSchema(say, 'schema.message').check({})).toThrow('is not compiled');
  });

  it.each([['text'], [7], [null]])('is not asked about %j', async (message) => {
    const app = await buildApp();
    expect(() => app.ws('/a', { schema: { message } }, () => {})).toThrow(
      expect.objectContaining({
        code: 'WS_INVALID_OPTION',
        message: expect.stringContaining('schema.message of /a must be a schema'),
      }),
    );
  });
});

describe('schema.reply', () => {
  const reply = Type.Object(
    { n: Type.Number(), at: Type.Optional(Type.String()) },
    { additionalProperties: false },
  );

  it('describes what send takes, and is sent as JSON', async () => {
    const app = await buildApp();
    app.withTypeProvider<TypeBoxTypeProvider>().ws('/a', { schema: { reply } }, (socket) => {
      socket.send({ n: 1 });
    });
    expect(await nextMessage(await app.injectWS('/a'))).toBe('{"n":1}');
  });

  it('is checked as the peer will read it, and leaves what is sent as it was', async () => {
    const app = await buildApp();
    const message = { n: '1', at: new Date(0), secret: 's', toString: undefined };
    app.ws('/a', { schema: { reply } }, (socket) => {
      socket.send(message);
    });
    expect(await nextMessage(await app.injectWS('/a'))).toBe(
      '{"n":1,"at":"1970-01-01T00:00:00.000Z"}',
    );
    expect(message).toEqual({ n: '1', at: new Date(0), secret: 's', toString: undefined });
  });

  it.each([[{ n: 'many' }], [undefined], [() => 1]])('throws for %o at the call', async (wrong) => {
    const app = await buildApp();
    let thrown: unknown;
    app.ws('/a', { schema: { reply } }, (socket) => {
      try {
        socket.send(wrong);
      } catch (error) {
        thrown = error;
        socket.close();
      }
    });
    const socket = await app.injectWS('/a');
    expect(await socket.closed).toMatchObject({ code: 1000 });
    expect(thrown).toMatchObject({ code: 'WS_INVALID_REPLY' });
  });
});
