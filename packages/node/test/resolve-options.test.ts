import { getHeapStatistics } from 'node:v8';
import { UsageError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AnyOptions, ResolvedOptions } from '../src/options.ts';
import { optionNames, resolveOptions } from '../src/resolve-options.ts';

const LONGEST_MS = 2 ** 31 - 1;
const LARGEST = Number.MAX_SAFE_INTEGER;
const delay = `a whole number from 1 to ${LONGEST_MS}`;
const amount = `a whole number from 1 to ${LARGEST}`;
const notWhole = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '10', null, {}, 1n, true];
const notWholeAndFinite = notWhole.filter((value) => value !== Number.POSITIVE_INFINITY);
const notFunction = [null, 1, 'f', {}, []];
const notObject = [null, 1, 'o', true, [], () => {}];

/** For every option: what it must be, as the error says it, and what it must not be. */
const wrong: Record<
  keyof ResolvedOptions,
  { readonly range: string | RegExp; readonly values: readonly unknown[] }
> = {
  limits: { range: 'an object', values: notObject },
  slowConsumer: {
    range: "'close', 'drop-newest', 'drop-oldest' or { coalesce: function }",
    values: ['drop', null, 1, {}, { coalesce: 'key' }, () => {}],
  },
  fastProducer: { range: "'pause' or 'close'", values: ['drop', null, 1, {}, () => {}] },
  handshakeTimeoutMs: { range: delay, values: [...notWhole, LONGEST_MS + 1] },
  closingTimeoutMs: { range: delay, values: [...notWhole, LONGEST_MS + 1] },
  progressTimeoutMs: { range: delay, values: [...notWhole, LONGEST_MS + 1] },
  heartbeat: {
    range: 'false or { intervalMs, timeoutMs }',
    values: [true, null, 30_000, 'on', []],
  },
  sharedReadBuffer: { range: 'a boolean', values: [null, 1, 'on', {}] },
  schema: { range: 'an object', values: notObject },
  subprotocols: { range: /subprotocol/, values: ['chat', null, 1, [''], ['a b'], ['a', 'a'], [1]] },
  origins: { range: /origin/, values: ['any', null, 1, [1], ['not an origin'], {}] },
  onInvalidMessage: { range: 'a function', values: notFunction },
  onError: { range: 'a function', values: notFunction },
  signal: { range: 'an AbortSignal', values: [null, {}, new AbortController(), 'now'] },
  compression: {
    range: 'a boolean or an object',
    values: [null, 1, 'on', []],
  },
};

/** The same for what is inside of an option. */
const wrongInside: Record<string, { readonly range: string; readonly values: readonly unknown[] }> =
  {
    'limits.maxMessageBytes': { range: amount, values: notWhole },
    'limits.maxFragments': { range: amount, values: notWhole },
    'limits.maxRetainedBytes': { range: amount, values: notWhole },
    'limits.maxBufferedBytes': { range: amount, values: notWhole },
    'limits.highWaterMarkBytes': { range: amount, values: notWhole },
    'limits.messagesPerSecond': { range: amount, values: notWholeAndFinite },
    'limits.bytesPerSecond': { range: amount, values: notWholeAndFinite },
    'limits.maxConnections': { range: amount, values: notWholeAndFinite },
    'limits.maxConnectionsPerAddress': { range: amount, values: notWholeAndFinite },
    'limits.maxPendingUpgrades': { range: amount, values: notWholeAndFinite },
    'limits.maxServerRetainedBytes': { range: amount, values: notWholeAndFinite },
    'heartbeat.intervalMs': { range: delay, values: [...notWhole, LONGEST_MS + 1] },
    'heartbeat.timeoutMs': { range: delay, values: [...notWhole, LONGEST_MS + 1] },
    'compression.thresholdBytes': {
      range: `a whole number from 0 to ${LARGEST}`,
      values: notWhole.filter((value) => value !== 0),
    },
    'compression.level': { range: 'a whole number from 1 to 9', values: [...notWhole, 10] },
    'compression.memLevel': { range: 'a whole number from 1 to 9', values: [...notWhole, 10] },
    'compression.serverMaxWindowBits': {
      range: 'a whole number from 9 to 15',
      values: [...notWhole, 8, 16],
    },
    'compression.clientMaxWindowBits': {
      range: 'a whole number from 9 to 15',
      values: [...notWhole, 8, 16],
    },
    'compression.serverNoContextTakeover': { range: 'a boolean', values: [0, 1, 'yes', null] },
    'compression.clientNoContextTakeover': { range: 'a boolean', values: [0, 1, 'yes', null] },
    'schema.message': { range: 'a Standard Schema or a function', values: [null, 1, 's', {}, []] },
    'schema.reply': { range: 'a Standard Schema or a function', values: [null, 1, 's', {}, []] },
  };

function mistake(options: unknown, base?: ResolvedOptions): UsageError {
  try {
    resolveOptions(options as AnyOptions, base);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(options)}`);
}

describe('An option out of its range', () => {
  describe.each(Object.entries(wrong))('%s', (name, { range, values }) => {
    it.each(values.map((value) => [value]))('is refused as %o, by name and range', (value) => {
      const { code, message } = mistake({ [name]: value });
      expect(code).toBe('WS_INVALID_OPTION');
      if (typeof range === 'string') expect(message).toContain(`${name} must be ${range}, not `);
      else expect(message).toMatch(range);
    });
  });

  describe.each(Object.entries(wrongInside))('%s', (path, { range, values }) => {
    const [name = '', inner = ''] = path.split('.');

    it.each(values.map((value) => [value]))('is refused as %o, by name and range', (value) => {
      const { code, message } = mistake({ [name]: { [inner]: value } });
      expect(code).toBe('WS_INVALID_OPTION');
      expect(message).toContain(`${path} must be ${range}, not `);
    });
  });

  it.each(notObject.map((value) => [value]))('is not an object of options: %o', (options) => {
    expect(mistake(options).message).toContain('options must be an object, not ');
  });

  it('is a high-water mark above what may wait', () => {
    const { message } = mistake({ limits: { highWaterMarkBytes: 11, maxBufferedBytes: 10 } });
    expect(message).toContain(
      'limits.highWaterMarkBytes must be a whole number from 1 to 10, not 11',
    );
  });

  it('is shown as it was given', () => {
    expect(mistake({ onError: 'log' }).message).toMatch(/, not 'log'$/);
    expect(mistake({ onError: Object.create(null) }).message).toMatch(/, not \[Object: null .*$/);
  });
});

describe('An option that is unknown', () => {
  it.each([
    [{ maxPayload: 1 }, 'maxPayload is unknown; there are limits, '],
    [
      { limits: { maxPayload: 1 } },
      'limits.maxPayload is unknown; there are limits.maxMessageBytes',
    ],
    [
      { heartbeat: { interval: 1 } },
      'heartbeat.interval is unknown; there are heartbeat.intervalMs',
    ],
    [{ schema: { body: z.string() } }, 'schema.body is unknown; there are schema.message, '],
  ])('is refused: %o', (options, message) => {
    expect(mistake(options).message).toContain(message);
  });

  it('is not one of those that an adapter may pick', () => {
    expect(Object.keys(wrong).toSorted()).toEqual(optionNames.toSorted());
  });
});

describe('An option that is left out', () => {
  it('has its default', () => {
    expect(resolveOptions({})).toEqual({
      limits: {
        maxMessageBytes: 1_048_576,
        maxFragments: 16_384,
        maxRetainedBytes: 4_194_304,
        maxBufferedBytes: 1_048_576,
        highWaterMarkBytes: 65_536,
        messagesPerSecond: Number.POSITIVE_INFINITY,
        bytesPerSecond: Number.POSITIVE_INFINITY,
        maxConnections: Number.POSITIVE_INFINITY,
        maxConnectionsPerAddress: Number.POSITIVE_INFINITY,
        maxPendingUpgrades: Number.POSITIVE_INFINITY,
        maxServerRetainedBytes: Math.floor(getHeapStatistics().heap_size_limit / 4),
      },
      slowConsumer: 'close',
      fastProducer: 'pause',
      handshakeTimeoutMs: 10_000,
      closingTimeoutMs: 5_000,
      progressTimeoutMs: 30_000,
      heartbeat: { intervalMs: 30_000, timeoutMs: 10_000 },
      // With HEDDLE_FAST_PATHS=all it is true.
      sharedReadBuffer: process.env['HEDDLE_FAST_PATHS'] === 'all',
      schema: {},
      subprotocols: [],
      origins: 'same',
      compression: false,
      onInvalidMessage: undefined,
      onError: undefined,
      signal: undefined,
    });
  });

  it('may be there as undefined', () => {
    const names = [...optionNames, 'limits'];
    const nothing = Object.fromEntries(names.map((name) => [name, undefined]));
    expect(resolveOptions(nothing)).toEqual(resolveOptions({}));
    const within = {
      limits: { maxFragments: undefined },
      heartbeat: { timeoutMs: undefined },
      schema: { message: undefined },
    } as unknown as AnyOptions;
    expect(resolveOptions(within)).toEqual(resolveOptions({}));
  });

  it("is the server's, for a route", () => {
    const message = z.string();
    const onError = () => {};
    const server = resolveOptions({
      limits: { maxFragments: 7, maxConnections: 5 },
      heartbeat: { intervalMs: 5_000 },
      schema: { message },
      closingTimeoutMs: 1_000,
      onError,
    });
    const reply = z.number();
    const given = {
      limits: { maxBufferedBytes: 2 ** 21 },
      heartbeat: { timeoutMs: 1 },
      schema: { reply },
    };
    expect(resolveOptions(given, server)).toEqual({
      ...server,
      limits: { ...server.limits, maxBufferedBytes: 2 ** 21 },
      heartbeat: { intervalMs: 5_000, timeoutMs: 1 },
      schema: { message, reply },
    });
    const unset = { schema: { message: undefined } } as unknown as AnyOptions;
    expect(resolveOptions(unset, server).schema).toEqual({ message });
  });

  it('is a default where the server has turned the heartbeat off and a route turns it on', () => {
    const server = resolveOptions({ heartbeat: false });
    expect(resolveOptions({}, server).heartbeat).toBe(false);
    const { heartbeat } = resolveOptions({ heartbeat: { intervalMs: 1 } }, server);
    expect(heartbeat).toEqual({ intervalMs: 1, timeoutMs: 10_000 });
  });
});

describe('An option within its range', () => {
  it.each<[keyof AnyOptions, readonly unknown[]]>([
    ['slowConsumer', ['close', 'drop-newest', 'drop-oldest', { coalesce: () => 'key' }]],
    ['handshakeTimeoutMs', [1, LONGEST_MS]],
    ['heartbeat', [false, { intervalMs: 1, timeoutMs: LONGEST_MS }]],
    ['subprotocols', [[], ['chat', 'superchat'], () => undefined]],
    ['origins', ['same', '*', ['https://example.org'], () => true]],
    ['onInvalidMessage', [() => {}]],
    ['signal', [new AbortController().signal]],
    ['schema', [{ message: z.string(), reply: () => ({ value: 1 }) }]],
  ])('%s is taken as it is', (name, values) => {
    for (const value of values) {
      expect(resolveOptions({ [name]: value })).toEqual({ ...resolveOptions({}), [name]: value });
    }
  });

  it('turns compression on by true, and off for a route by false', () => {
    const server = resolveOptions({ compression: true });
    expect(server.compression).toEqual({ thresholdBytes: 1024, level: 6, memLevel: 5 });
    expect(resolveOptions({}, server).compression).toEqual(server.compression);
    expect(resolveOptions({ compression: false }, server).compression).toBe(false);
    const route = resolveOptions({ compression: { level: 1, serverMaxWindowBits: 10 } }, server);
    expect(resolveOptions({ compression: { thresholdBytes: 0 } }, route).compression).toEqual({
      thresholdBytes: 0,
      level: 1,
      memLevel: 5,
      serverMaxWindowBits: 10,
    });
  });

  it('lets a larger message have more fragments, but not more than were asked for', () => {
    const limitsOf = (limits: object) => resolveOptions({ limits }).limits;
    expect(limitsOf({ maxMessageBytes: 2 ** 32 }).maxFragments).toBe(2 ** 18);
    expect(limitsOf({ maxMessageBytes: 2 ** 27 }).maxFragments).toBe(16_384);
    expect(limitsOf({ maxMessageBytes: 2 ** 32, maxFragments: 7 }).maxFragments).toBe(7);
  });
});

describe('What one limit means for another', () => {
  const limits = (given: AnyOptions['limits'], base?: ResolvedOptions) =>
    resolveOptions(given === undefined ? {} : { limits: given }, base).limits;

  it('who takes larger messages may hold more of them', () => {
    expect(limits({ maxMessageBytes: 2 ** 24 }).maxRetainedBytes).toBe(2 ** 26);
  });

  it('who takes messages of any size may hold as much, and a route can be resolved from it', () => {
    const any = { maxMessageBytes: Number.MAX_SAFE_INTEGER };
    const server = resolveOptions({ limits: any });
    expect(limits({}, server).maxRetainedBytes).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('who takes smaller ones may hold as many bytes', () => {
    expect(limits({ maxMessageBytes: 1_024 }).maxRetainedBytes).toBe(2 ** 22);
  });

  it('a route does not raise what its server set unless it takes larger messages', () => {
    const server = resolveOptions({ limits: { maxMessageBytes: 1_000, maxRetainedBytes: 2_000 } });
    expect(limits({ maxMessageBytes: 900 }, server).maxRetainedBytes).toBe(2_000);
    expect(limits({ maxMessageBytes: 9_000 }, server).maxRetainedBytes).toBe(36_000);
    const generous = resolveOptions({ limits: { maxRetainedBytes: 10 ** 9 } });
    expect(limits({ maxMessageBytes: 2 ** 21 }, generous).maxRetainedBytes).toBe(10 ** 9);
    expect(limits({ maxMessageBytes: 9_000, maxRetainedBytes: 1 }, server).maxRetainedBytes).toBe(
      1,
    );
  });

  it('who compresses must hold the windows, on a route too', () => {
    const least = { compression: true, limits: { maxRetainedBytes: 2 ** 19 } };
    expect(resolveOptions(least).limits.maxRetainedBytes).toBe(2 ** 19);
    const few = { maxRetainedBytes: 2 ** 19 - 1 };
    const error = 'limits.maxRetainedBytes must be 524288 or more with compression';
    expect(() => resolveOptions({ compression: {}, limits: few })).toThrow(error);
    expect(() => resolveOptions({ compression: true }, resolveOptions({ limits: few }))).toThrow(
      error,
    );
    expect(resolveOptions({ compression: false, limits: few }).compression).toBe(false);
  });

  it('the high-water mark goes down with what may wait', () => {
    expect(limits({ maxBufferedBytes: 1_000 }).highWaterMarkBytes).toBe(1_000);
    expect(limits({ maxBufferedBytes: 2 ** 30 }).highWaterMarkBytes).toBe(65_536);
  });
});
