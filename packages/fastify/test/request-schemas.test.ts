import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { buildApp, nextMessage, refusalOf } from './app.ts';

/** What Fastify does for every route, it does for these. */
describe("a WebSocket route's params, querystring and headers", () => {
  it('are validated and coerced before the connection opens', async () => {
    const app = await buildApp();
    const schema = {
      params: Type.Object({ room: Type.Integer() }),
      querystring: Type.Object({ deep: Type.Boolean({ default: true }) }),
      headers: Type.Object({ 'X-Token': Type.String() }),
    };
    app.ws('/rooms/:room', { schema }, (socket, { params, query }) =>
      socket.send(JSON.stringify([params, query])),
    );
    const headers = { 'X-Token': 't' };
    const socket = await app.injectWS('/rooms/7', { headers });
    expect(await nextMessage(socket)).toBe('[{"room":7},{"deep":true}]');

    const wrong = await refusalOf(app.injectWS('/rooms/seven', { headers }));
    expect(wrong.status).toBe(400);
    expect(JSON.parse(wrong.body)).toMatchObject({
      code: 'FST_ERR_VALIDATION',
      message: 'params/room must be integer',
    });
    const query = { deep: 'maybe' };
    expect(await refusalOf(app.injectWS('/rooms/7', { headers, query }))).toMatchObject({
      status: 400,
    });
    expect(await refusalOf(app.injectWS('/rooms/7'))).toMatchObject({ status: 400 });
  });

  it('let the handler decide with attachValidation', async () => {
    const app = await buildApp();
    const schema = { params: Type.Object({ room: Type.Integer() }) };
    app.ws('/rooms/:room', { schema, attachValidation: true }, (socket, { validationError }) =>
      socket.send(String(validationError?.message)),
    );
    expect(await nextMessage(await app.injectWS('/rooms/seven'))).toBe(
      'params/room must be integer',
    );
  });
});
