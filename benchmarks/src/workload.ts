/** Messages that come back, on `connections`, each with `depth` of them under way. */
export interface EchoWorkload {
  readonly kind: 'echo';
  readonly name: string;
  /** Payload of one message, in bytes. */
  readonly bytes: number;
  readonly connections: number;
  readonly depth: number;
  readonly payload: Payload;
  /** In how many fragments a message is sent. */
  readonly fragments?: number;
  /** How many bytes are written at once, each in a turn of its own. */
  readonly pieceBytes?: number;
}

/** What a message holds: `deflated` is JSON, sent and answered with permessage-deflate. */
export type Payload = 'binary' | 'ascii' | 'non-ascii' | 'deflated';

/** A message to the server that goes to all its clients. */
export interface BroadcastWorkload {
  readonly kind: 'broadcast';
  readonly name: string;
  readonly bytes: number;
  /** How many receive it, the sender among them. */
  readonly connections: number;
  /** How many messages are sent at once. */
  readonly perTurn: number;
}

/** A connection that is opened, echoes one small message, and is closed, `connections` of them beside each other. */
export interface HandshakeWorkload {
  readonly kind: 'handshake';
  readonly name: string;
  readonly connections: number;
}

/** Connections that stand idle: memory counts, not time. */
export interface IdleWorkload {
  readonly kind: 'idle';
  readonly name: string;
  readonly connections: number;
  /** Whether each has exchanged a compressed message first. */
  readonly deflated: boolean;
}

export type TimedWorkload = EchoWorkload | BroadcastWorkload | HandshakeWorkload;
export type Workload = TimedWorkload | IdleWorkload;

function echo(
  size: string,
  bytes: number,
  connections: number,
  depth: number,
  more: Partial<EchoWorkload> = {},
): EchoWorkload {
  const name = `echo ${size}, ${connections} × ${depth}`;
  return { kind: 'echo', name, bytes, connections, depth, payload: 'binary', ...more };
}

function broadcast(size: string, bytes: number, perTurn: number): BroadcastWorkload {
  const name = `broadcast ${size} to 1,000, ${perTurn} a turn`;
  return { kind: 'broadcast', name, bytes, connections: 1_000, perTurn };
}

const SIZES = [
  ['16 B', 16],
  ['125 B', 125],
  ['1 KiB', 1_024],
  ['16 KiB', 16_384],
  ['64 KiB', 65_536],
  ['1 MiB', 1_048_576],
] as const;

/** Connections, and messages under way on each. */
const SHAPES = [
  [1, 1],
  [1, 32],
  [100, 1],
  [100, 32],
] as const;

/** More than that would be under way for too long, and in too much memory: 3 GiB for 1 MiB, 100 × 32. */
const MOST_BYTES_UNDER_WAY = 2 ** 28;

function echoes(size: string, bytes: number): readonly EchoWorkload[] {
  return SHAPES.filter(
    ([connections, depth]) => bytes * connections * depth <= MOST_BYTES_UNDER_WAY,
  ).map(([connections, depth]) => echo(size, bytes, connections, depth));
}

export const workloads: readonly Workload[] = [
  ...SIZES.flatMap(([size, bytes]) => echoes(size, bytes)),
  ...(['ascii', 'non-ascii'] as const).map((payload) =>
    echo('1 KiB', 1_024, 100, 32, { payload, name: `text 1 KiB ${payload}, 100 × 32` }),
  ),
  echo('1 MiB', 1_048_576, 1, 1, { fragments: 1_000, name: 'echo 1 MiB in 1,000 fragments' }),
  echo('1 KiB', 1_024, 1, 1, { pieceBytes: 7, name: 'echo 1 KiB, dribbled 7 B at a time' }),
  echo('1 KiB', 1_024, 1, 1, { pieceBytes: 1, name: 'echo 1 KiB, dribbled byte by byte' }),
  echo('1 KiB', 1_024, 1, 32, { payload: 'deflated', name: 'deflate 1 KiB JSON, 1 × 32' }),
  broadcast('128 B', 128, 1),
  broadcast('128 B', 128, 8),
  broadcast('4 KiB', 4_096, 1),
  broadcast('4 KiB', 4_096, 8),
  { kind: 'handshake', name: 'connect, echo, close', connections: 8 },
  { kind: 'idle', name: 'idle connection', connections: 10_000, deflated: false },
  { kind: 'idle', name: 'idle after a compressed message', connections: 10_000, deflated: true },
];
