import { isDeepStrictEqual } from 'node:util';
import { constants, deflateRawSync } from 'node:zlib';
import { encodeMessage, Protocol, purePrimitives } from '@heddle/core';
import { concatBytes, textBytes } from '@heddle/testing';
import fc from 'fast-check';
import { parseByteText } from './byte-text.ts';
import { readOurs } from './our-reader.ts';
import { formatEvent, formatReading, type Reading } from './reading.ts';
import { silentSink } from './silent-sink.ts';
import { edgeBytes, someBytes, utf8Bytes } from './some-bytes.ts';
import { cutAt, type Role, type StreamCase } from './stream-case.ts';
import { defineTarget } from './target.ts';
import { readTheirs } from './their-reader.ts';

/** One thing that an application does; `take` writes what waits. Bytes are byte text. */
type Command =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary' | 'deflated' | 'frame' | 'ping' | 'pong'; readonly bytes: string }
  | { readonly kind: 'fragments'; readonly bytes: readonly string[] }
  | { readonly kind: 'take' };

/** What an application sends, then closes with, and how TCP cuts it. */
export interface SendingInput {
  readonly role: Role;
  readonly commands: readonly Command[];
  readonly close: { readonly code: number; readonly reason: string };
  readonly cuts: readonly number[];
}

const controlBytes = fc.oneof(someBytes(8), fc.constantFrom('', '61*125'));
const bytes = fc.oneof(someBytes(60), edgeBytes, fc.constantFrom('61*16384', '61*16385'));

const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constant('text' as const),
    text: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom('\ud800', 'é'.repeat(63), '\ufeff', 'a'.repeat(65_536)),
    ),
  }),
  fc.record({ kind: fc.constantFrom('binary' as const, 'deflated', 'frame'), bytes }),
  fc.record({
    kind: fc.constant('fragments' as const),
    bytes: fc.array(utf8Bytes(true), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ kind: fc.constantFrom('ping' as const, 'pong'), bytes: controlBytes }),
  fc.record({ kind: fc.constant('take' as const) }),
);

const inputs: fc.Arbitrary<SendingInput> = fc.record({
  role: fc.constantFrom<Role>('server', 'client'),
  commands: fc.array(commands, { maxLength: 6 }),
  close: fc.record({
    code: fc.constantFrom(1000, 1001, 1011, 3000, 4999),
    reason: fc.string({ unit: 'binary', maxLength: 30 }),
  }),
  cuts: fc.array(fc.nat(400), { maxLength: 4 }),
});

/** What we send, we and `ws` read as it was meant. */
export const sendingTarget = defineTarget({ name: 'sending', inputs, check });

async function check({ role, commands: all, close, cuts }: SendingInput): Promise<void> {
  const protocol = new Protocol(
    { role, ...(role === 'client' && { nextMaskingKey: nextKey() }) },
    silentSink,
  );
  const written: Uint8Array[] = [];
  const events: string[] = [];
  const take = () => written.push(...protocol.takeOutput().map((chunk) => chunk.slice()));
  for (const command of all) {
    if (command.kind === 'take') take();
    else events.push(...send(protocol, role, command));
  }
  protocol.close(close.code, close.reason);
  take();
  events.push(formatEvent(`close ${close.code}`, textBytes(close.reason)));
  const peer: Pick<StreamCase, 'role' | 'maxMessageBytes' | 'deflate'> = {
    role: role === 'server' ? 'client' : 'server',
    maxMessageBytes: 70_000,
    deflate: { takeover: false, windowBits: 15 },
  };
  const pieces = cutAt(concatBytes(...written), cuts);
  assertRead(events, await readOurs(peer, pieces));
  assertRead(events, await readTheirs(peer, pieces));
}

function assertRead(events: readonly string[], reading: Reading): void {
  if (isDeepStrictEqual(events, reading.events) && reading.end === 'closed') return;
  const sent = formatReading({ events, end: 'closed' });
  throw new Error(`sent:\n${sent}\nread:\n${formatReading(reading)}`);
}

/** Does it, and returns what the peer must be told. */
function send(
  protocol: Protocol,
  role: Role,
  command: Exclude<Command, { readonly kind: 'take' }>,
): readonly string[] {
  if (command.kind === 'text') {
    protocol.send(command.text);
    return [formatEvent('text', textBytes(command.text))];
  }
  if (command.kind === 'fragments') return sendFragments(protocol, command.bytes);
  const payload = parseByteText(command.bytes);
  switch (command.kind) {
    case 'ping':
    case 'pong':
      protocol[command.kind](payload);
      return [formatEvent(command.kind, payload)];
    case 'deflated':
      protocol.sendDeflated(compress(payload), false);
      break;
    case 'frame':
      // Only a server's frame is the same for every peer.
      if (role === 'client') return [];
      protocol.sendFrame(
        encodeMessage(payload, { text: false, compressed: false }, purePrimitives),
      );
      break;
    case 'binary':
      protocol.send(payload);
      break;
  }
  return [formatEvent('binary', payload)];
}

/** As a text of bytes, with a ping after each fragment. */
function sendFragments(protocol: Protocol, fragments: readonly string[]): readonly string[] {
  const payloads = fragments.map(parseByteText);
  const start = { text: true, compressed: false };
  const pings = payloads.map((payload, index) => {
    const fin = index === payloads.length - 1;
    protocol.sendFragment(payload, fin, start);
    if (fin) return [];
    protocol.ping();
    return [formatEvent('ping', new Uint8Array(0))];
  });
  return [...pings.flat(), formatEvent('text', concatBytes(...payloads))];
}

function compress(payload: Uint8Array): Uint8Array {
  return deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

/** Keys with each octet different, and one of zeros. */
function nextKey(): () => number {
  let key = 0;
  return () => {
    const given = key;
    key = (key + 0x0102_0304) >>> 0;
    return given;
  };
}
