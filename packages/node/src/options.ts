import type { IncomingMessage } from 'node:http';
import type { DeflateOptions, OriginRule, ProtocolError } from '@heddle/core';
import type { Connection } from './connection/connection.ts';
import type { MessageSchema } from './connection/message-schema.ts';

/** What a connection may hold, be sent, or send. All are whole numbers of 1 and more. */
export interface Limits {
  /**
   * The most bytes in one message, judged while it arrives: 1009 above it.
   * @default 2 ** 20
   */
  readonly maxMessageBytes?: number;
  /**
   * The most fragments in one message: 1008 above it.
   * @default 16_384, or one for each 16 KiB of maxMessageBytes if that is more
   */
  readonly maxFragments?: number;
  /**
   * The most bytes held for one connection, which are the message that is arriving, those that wait for
   * the application, with a fixed overhead for each, and the windows of compression: 1013 above it.
   * Reading stops before, so only the message at which it stops, and what came in one read with it, can
   * exceed it. With compression at least 2 ** 19.
   * @default 2 ** 22, or 4 * maxMessageBytes if that is more
   */
  readonly maxRetainedBytes?: number;
  /**
   * Bytes that may wait to be sent before `slowConsumer` decides. Tested before a message is added,
   * so that one message may exceed it.
   * @default 2 ** 20
   */
  readonly maxBufferedBytes?: number;
  /**
   * From this many waiting bytes on `send` returns `false`; at most `maxBufferedBytes`.
   * @default 64 * 1024
   */
  readonly highWaterMarkBytes?: number;
  /**
   * How many messages, pings and pongs a peer may send in a second, and at once after a pause;
   * `fastProducer` says what happens to who sends more. Infinity is no limit.
   * @default Infinity
   */
  readonly messagesPerSecond?: number;
  /**
   * How many bytes a peer may send in a second, and at once after a pause, then `maxMessageBytes` if that
   * is more; `fastProducer` says what happens to who sends more. Infinity is no limit.
   * @default Infinity
   */
  readonly bytesPerSecond?: number;
}

/** The limits of a server over all its connections. */
export interface ServerLimits {
  /**
   * The most connections at once; more are refused with 503. Infinity is no limit.
   * @default Infinity
   */
  readonly maxConnections?: number;
  /**
   * The most connections of one client address; more are refused with 503. Of IPv6 a network of 64 bits
   * is one address. A framework that trusts a proxy says whose the request is; without a framework it is
   * the socket's peer, so not for servers behind a proxy. Infinity is no limit.
   * @default Infinity
   */
  readonly maxConnectionsPerAddress?: number;
  /**
   * The most handshakes that wait for the application at once; more are refused with 503. Infinity is no
   * limit.
   * @default Infinity
   */
  readonly maxPendingUpgrades?: number;
  /**
   * The most bytes held for all connections, which are `retainedBytes` of each, and 10 KiB more: above it
   * those for which most is held are closed with 1013 until it fits, and where they need not be, new ones
   * are refused with 503. Infinity is no limit.
   * @default a quarter of V8's heap limit
   */
  readonly maxServerRetainedBytes?: number;
}

/** What happens to a message for a peer that takes less than it is sent. */
export type SlowConsumer =
  | 'close'
  | 'drop-newest'
  | 'drop-oldest'
  | {
      /** Of the waiting messages with one key only the last is sent; `undefined` is no key. */
      readonly coalesce: (message: string | Uint8Array) => unknown;
    };

/**
 * permessage-deflate (RFC 7692): what to agree on with the peer, and how to compress.
 *
 * The window bits are 9–15. A server's default is 12 for both directions, which is 4 KiB of window; a
 * client leaves them to the server. A client asks for what it is given, and can do without.
 */
export interface CompressionOptions extends DeflateOptions {
  /**
   * Smaller messages are sent as they are, in bytes; 0 and more. A stream has no size, and is compressed.
   * @default 1024
   */
  readonly thresholdBytes?: number;
  /**
   * zlib's level, 1–9: more takes longer, and makes less.
   * @default 6
   */
  readonly level?: number;
  /**
   * zlib's `memLevel`, 1–9: 2 to the power of `memLevel` + 8 bytes for each window that we compress with,
   * and the same once more, but 64 KiB at least, for what finds repetitions.
   * @default 5
   */
  readonly memLevel?: number;
}

/** What any connection can be given, on a server and on a client. */
export interface ConnectionOptions<In = string | Buffer, Out = string | Uint8Array> {
  readonly limits?: Limits;
  /**
   * What happens when `limits.maxBufferedBytes` wait: close with 1013, or drop messages.
   * @default 'close'
   */
  readonly slowConsumer?: SlowConsumer;
  /**
   * What happens to a peer that is faster than `limits.messagesPerSecond` or `bytesPerSecond`: its messages
   * wait, and TCP holds it back, or its connection closes with 1008.
   * @default 'pause'
   */
  readonly fastProducer?: 'pause' | 'close';
  /**
   * How long the closing handshake may take before the connection is destroyed, in milliseconds.
   * @default 5_000
   */
  readonly closingTimeoutMs?: number;
  /**
   * A frame that has begun must bring another 1,024 bytes, or end, each time this many milliseconds
   * have passed: 1008 if it does not.
   * @default 30_000
   */
  readonly progressTimeoutMs?: number;
  /**
   * After `intervalMs` without a byte from the peer it is pinged; after `timeoutMs` more without a
   * byte the connection is destroyed. `false` turns it off.
   * @default { intervalMs: 30_000, timeoutMs: 10_000 }
   */
  readonly heartbeat?: false | { readonly intervalMs?: number; readonly timeoutMs?: number };
  /**
   * Reads TCP into one buffer for all connections, in place of 64 KiB for each read. That leans on what Node
   * does not document: where it cannot be had, and with `HEDDLE_FAST_PATHS=0`, this does nothing.
   * @default false, or true with HEDDLE_FAST_PATHS=all
   */
  readonly sharedReadBuffer?: boolean;
  /** Makes messages typed: text is parsed as JSON and validated, replies are validated and sent so. */
  readonly schema?: {
    readonly message?: MessageSchema<In>;
    readonly reply?: MessageSchema<unknown, Out>;
  };
  /**
   * Takes a message that `schema.message` refuses, in place of closing with 1008 (1003 if it is
   * binary). The connection stays open unless this closes it.
   */
  onInvalidMessage?(error: ProtocolError, socket: Connection<In, Out>): void;
  /**
   * Takes what a handler or listener throws or rejects with; the connection then closes with 1011.
   * Without it the error becomes a process warning, and so does what this throws or rejects with.
   * A `ClosedError` once the connection has ended is no mistake, and goes nowhere.
   */
  onError?(error: unknown, socket: Connection<In, Out>, request: IncomingMessage | undefined): void;
  /**
   * permessage-deflate: offered by a client, accepted by a server. `true` is `{}`.
   * @default false
   */
  readonly compression?: boolean | CompressionOptions;
}

/** What a WebSocket route of a server can be given. */
export interface UpgradeOptions<In = string | Buffer, Out = string | Uint8Array>
  extends ConnectionOptions<In, Out> {
  /**
   * The subprotocols that the server speaks, best first, or a function that chooses one of those
   * offered. Without a common one the connection has none (§4.2.2).
   */
  readonly subprotocols?:
    | readonly string[]
    | ((offered: readonly string[], request: IncomingMessage) => string | undefined);
  /**
   * Which pages may connect. `'same'` compares the Origin's host and port with those of the request;
   * requests without an Origin, which no browser sends, pass any rule.
   * @default 'same'
   */
  readonly origins?: OriginRule;
  /** When it aborts, the connections close with 1001. */
  readonly signal?: AbortSignal;
}

/** What a server can be given: each option is the default of its routes. */
export interface ServerOptions<In = string | Buffer, Out = string | Uint8Array>
  extends UpgradeOptions<In, Out> {
  readonly limits?: Limits & ServerLimits;
  /**
   * How long a handshake may take, with all that the application does in it, in milliseconds: 503
   * after it.
   * @default 10_000
   */
  readonly handshakeTimeoutMs?: number;
}

/** Options whatever the messages are. */
export type AnyOptions = ServerOptions<unknown, unknown>;

/** What was given, and what zlib is to be told; the windows' defaults are for each role to fill in. */
export type ResolvedCompression =
  | false
  | (DeflateOptions & {
      readonly thresholdBytes: number;
      readonly level: number;
      readonly memLevel: number;
    });

/** Options with every default filled in and every value checked. */
export interface ResolvedOptions {
  readonly limits: Required<Limits & ServerLimits>;
  readonly slowConsumer: SlowConsumer;
  readonly fastProducer: 'pause' | 'close';
  readonly handshakeTimeoutMs: number;
  readonly closingTimeoutMs: number;
  readonly progressTimeoutMs: number;
  readonly heartbeat: false | { readonly intervalMs: number; readonly timeoutMs: number };
  readonly sharedReadBuffer: boolean;
  readonly schema: NonNullable<AnyOptions['schema']>;
  readonly subprotocols: NonNullable<AnyOptions['subprotocols']>;
  readonly origins: OriginRule;
  readonly compression: ResolvedCompression;
  readonly onInvalidMessage: AnyOptions['onInvalidMessage'];
  readonly onError: AnyOptions['onError'];
  readonly signal: AbortSignal | undefined;
}
