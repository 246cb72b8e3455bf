import { getHeapStatistics } from 'node:v8';
import {
  assertOriginRule,
  assertSubprotocols,
  DEFAULT_MESSAGE_LIMITS,
  UsageError,
} from '@heddle/core';
import { fastPathsAllowed } from './fast-paths.ts';
import { invalidOption } from './invalid-option.ts';
import type { AnyOptions, ResolvedOptions } from './options.ts';

/** The longest delay of Node's timers; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

const DEFAULT_HEARTBEAT = { intervalMs: 30_000, timeoutMs: 10_000 };

/** What a fragment of a large message has at least, on average, where no limit is given. */
const LEAST_FRAGMENT_BYTES = 16 * 1024;

/** Both windows of a connection take less, whatever the options of `compression`. */
const LEAST_WITH_WINDOWS_BYTES = 2 ** 19;

/** The limits that may be none. */
const MAY_BE_INFINITE: ReadonlySet<string> = new Set([
  'messagesPerSecond',
  'bytesPerSecond',
  'maxConnections',
  'maxConnectionsPerAddress',
  'maxPendingUpgrades',
  'maxServerRetainedBytes',
]);

const DEFAULT_COMPRESSION = { thresholdBytes: 1024, level: 6, memLevel: 5 };

const defaults: ResolvedOptions = {
  limits: {
    ...DEFAULT_MESSAGE_LIMITS,
    maxRetainedBytes: 4 * DEFAULT_MESSAGE_LIMITS.maxMessageBytes,
    maxBufferedBytes: 2 ** 20,
    highWaterMarkBytes: 64 * 1024,
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
  heartbeat: DEFAULT_HEARTBEAT,
  sharedReadBuffer: fastPathsAllowed() === 'all',
  schema: {},
  subprotocols: [],
  origins: 'same',
  compression: false,
  onInvalidMessage: undefined,
  onError: undefined,
  signal: undefined,
};

/** Every option that this layer knows: an adapter picks them from its framework's own. */
export const optionNames: readonly string[] = Object.keys(defaults);

/**
 * Fills in what `given` leaves out from `base`, the server's options for a route, or the defaults.
 * Throws `UsageError` `WS_INVALID_OPTION` for an option that is unknown or out of its range.
 */
export function resolveOptions(
  given: AnyOptions,
  base: ResolvedOptions = defaults,
): ResolvedOptions {
  assertObject('options', given);
  assertKnown(given, optionNames, '');
  for (const [name, rule] of Object.entries(rules)) assertRule(name, rule, given);
  const resolved = { ...base, ...withoutUndefined(given), ...nested(given, base) };
  assertRoomForWindows(resolved);
  return resolved;
}

/** With less, a connection that has compressed and inflated a single message would be closed. */
function assertRoomForWindows({ limits, compression }: ResolvedOptions): void {
  const { maxRetainedBytes } = limits;
  if (compression === false || maxRetainedBytes >= LEAST_WITH_WINDOWS_BYTES) return;
  const range = `${LEAST_WITH_WINDOWS_BYTES} or more with compression, whose windows count`;
  throw invalidOption('limits.maxRetainedBytes', range, maxRetainedBytes);
}

/** The options that are objects themselves: what they leave out comes from `base` too. */
function nested(given: AnyOptions, base: ResolvedOptions) {
  return {
    limits: resolveLimits(given.limits ?? {}, base.limits),
    heartbeat: resolveHeartbeat(given.heartbeat, base.heartbeat),
    schema: { ...base.schema, ...withoutUndefined(given.schema ?? {}) },
    compression: resolveCompression(given.compression, base.compression),
  };
}

function resolveLimits(
  given: NonNullable<AnyOptions['limits']>,
  base: ResolvedOptions['limits'],
): ResolvedOptions['limits'] {
  assertKnown(given, Object.keys(base), 'limits.');
  const limits = { ...base, ...withoutUndefined(given) };
  for (const [name, value] of Object.entries(limits)) {
    if (MAY_BE_INFINITE.has(name) && value === Number.POSITIVE_INFINITY) continue;
    assertWholeNumber(`limits.${name}`, value, Number.MAX_SAFE_INTEGER);
  }
  const { maxMessageBytes, maxRetainedBytes, maxBufferedBytes, highWaterMarkBytes } = limits;
  if (given.highWaterMarkBytes !== undefined) {
    assertWholeNumber('limits.highWaterMarkBytes', highWaterMarkBytes, maxBufferedBytes);
  }
  return {
    ...limits,
    // Who takes larger messages may also hold more of them; who takes smaller ones, as many bytes: a
    // single read brings hundreds of them, and each counts its overhead.
    maxRetainedBytes:
      given.maxRetainedBytes === undefined && maxMessageBytes > base.maxMessageBytes
        ? Math.max(maxRetainedBytes, Math.min(4 * maxMessageBytes, Number.MAX_SAFE_INTEGER))
        : maxRetainedBytes,
    // A sender of a large message does not make its fragments larger for it.
    maxFragments:
      given.maxFragments === undefined && maxMessageBytes > base.maxMessageBytes
        ? Math.max(limits.maxFragments, Math.ceil(maxMessageBytes / LEAST_FRAGMENT_BYTES))
        : limits.maxFragments,
    // A mark above the limit would never be reached.
    highWaterMarkBytes: Math.min(highWaterMarkBytes, maxBufferedBytes),
  };
}

function resolveCompression(
  given: AnyOptions['compression'],
  base: ResolvedOptions['compression'],
): ResolvedOptions['compression'] {
  if (given === undefined) return base;
  if (given === false) return false;
  const choices = given === true ? {} : given;
  if (!isObject(choices)) throw invalidOption('compression', 'a boolean or an object', given);
  assertKnown(choices, [...Object.keys(compressionRules)], 'compression.');
  for (const [name, rule] of Object.entries(compressionRules)) {
    const value: unknown = Reflect.get(choices, name);
    if (value !== undefined) rule(`compression.${name}`, value);
  }
  return { ...DEFAULT_COMPRESSION, ...base, ...withoutUndefined(choices) };
}

function resolveHeartbeat(
  given: AnyOptions['heartbeat'],
  base: ResolvedOptions['heartbeat'],
): ResolvedOptions['heartbeat'] {
  if (given === undefined) return base;
  if (given === false) return false;
  if (!isObject(given))
    throw invalidOption('heartbeat', 'false or { intervalMs, timeoutMs }', given);
  assertKnown(given, Object.keys(DEFAULT_HEARTBEAT), 'heartbeat.');
  const heartbeat = { ...DEFAULT_HEARTBEAT, ...base, ...withoutUndefined(given) };
  assertWholeNumber('heartbeat.intervalMs', heartbeat.intervalMs, MAX_DELAY_MS);
  assertWholeNumber('heartbeat.timeoutMs', heartbeat.timeoutMs, MAX_DELAY_MS);
  return heartbeat;
}

type Rule = (name: string, value: unknown) => void;

const rules: Readonly<Record<string, Rule>> = {
  handshakeTimeoutMs: assertDelay,
  closingTimeoutMs: assertDelay,
  progressTimeoutMs: assertDelay,
  sharedReadBuffer: assertBoolean,
  limits: assertObject,
  schema: assertSchemas,
  onError: assertFunction,
  onInvalidMessage: assertFunction,
  slowConsumer: assertSlowConsumer,
  fastProducer: assertFastProducer,
  subprotocols: (_name, value) => {
    if (typeof value !== 'function') assertSubprotocols(value);
  },
  origins: (_name, value) => assertOriginRule(value),
  signal: (name, value) => {
    if (!(value instanceof AbortSignal)) throw invalidOption(name, 'an AbortSignal', value);
  },
};

const compressionRules: Readonly<Record<string, Rule>> = {
  thresholdBytes: (name, value) => assertWholeNumber(name, value, Number.MAX_SAFE_INTEGER, 0),
  level: (name, value) => assertWholeNumber(name, value, 9),
  memLevel: (name, value) => assertWholeNumber(name, value, 9),
  // Of 8 zlib makes 9 where it compresses, without a word.
  serverMaxWindowBits: (name, value) => assertWholeNumber(name, value, 15, 9),
  clientMaxWindowBits: (name, value) => assertWholeNumber(name, value, 15, 9),
  serverNoContextTakeover: assertBoolean,
  clientNoContextTakeover: assertBoolean,
};

function assertRule(name: string, rule: Rule, given: object): void {
  const value: unknown = Reflect.get(given, name);
  if (value !== undefined) rule(name, value);
}

function assertKnown(given: object, names: readonly string[], prefix: string): void {
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const known = names.map((known) => prefix + known).join(', ');
    throw new UsageError('WS_INVALID_OPTION', `${prefix}${name} is unknown; there are ${known}`);
  }
}

function assertDelay(name: string, value: unknown): void {
  assertWholeNumber(name, value, MAX_DELAY_MS);
}

function assertWholeNumber(name: string, value: unknown, highest: number, lowest = 1): void {
  const whole = typeof value === 'number' && Number.isInteger(value);
  if (whole && value >= lowest && value <= highest) return;
  throw invalidOption(name, `a whole number from ${lowest} to ${highest}`, value);
}

function assertBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean') throw invalidOption(name, 'a boolean', value);
}

function assertObject(name: string, value: unknown): asserts value is object {
  if (!isObject(value)) throw invalidOption(name, 'an object', value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function assertSchemas(name: string, value: unknown): void {
  assertObject(name, value);
  assertKnown(value, ['message', 'reply'], 'schema.');
  for (const [direction, schema] of Object.entries(value)) {
    if (schema === undefined || typeof schema === 'function') continue;
    if (typeof schema === 'object' && schema !== null && '~standard' in schema) continue;
    throw invalidOption(`schema.${direction}`, 'a Standard Schema or a function', schema);
  }
}

function assertFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidOption(name, 'a function', value);
}

function assertSlowConsumer(name: string, value: unknown): void {
  if (value === 'close' || value === 'drop-newest' || value === 'drop-oldest') return;
  if (typeof value === 'object' && value !== null) {
    if (typeof Reflect.get(value, 'coalesce') === 'function') return;
  }
  throw invalidOption(
    name,
    "'close', 'drop-newest', 'drop-oldest' or { coalesce: function }",
    value,
  );
}

function assertFastProducer(name: string, value: unknown): void {
  if (value !== 'pause' && value !== 'close')
    throw invalidOption(name, "'pause' or 'close'", value);
}

function withoutUndefined<T extends object>(
  given: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
