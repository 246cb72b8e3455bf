import { assertClose, CloseCode, Protocol, UsageError } from '@heddle/core';
import { concatBytes, encodeFrame, textBytes } from '@heddle/testing';
import fc from 'fast-check';
import { parseByteText } from './byte-text.ts';
import { closeCodes, closePayloads } from './close-arbitrary.ts';
import { readOurs } from './our-reader.ts';
import { failureOf, formatEvent } from './reading.ts';
import { silentSink } from './silent-sink.ts';
import { cutAt, type Role } from './stream-case.ts';
import { defineTarget } from './target.ts';

/** A close frame that comes, and one that is to be sent. */
export interface CloseInput {
  readonly role: Role;
  /** Byte text, up to 125 bytes. */
  readonly payload: string;
  readonly cuts: readonly number[];
  readonly code: number;
  readonly reason: string;
}

const inputs: fc.Arbitrary<CloseInput> = fc.record({
  role: fc.constantFrom<Role>('server', 'client'),
  payload: closePayloads,
  cuts: fc.array(fc.nat(140), { maxLength: 4 }),
  code: closeCodes,
  reason: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('a'.repeat(123), 'a'.repeat(124), 'é'.repeat(61), 'é'.repeat(62)),
    fc.constantFrom('\ud800', '\udc00a', '😀'.repeat(31)),
  ),
});

/** Close frames (§5.5.1, §7.4) are judged as a decoder of the runtime and a list of codes judge them. */
export const closeTarget = defineTarget({ name: 'close', inputs, check });

async function check(input: CloseInput): Promise<void> {
  await checkReceived(input);
  await checkSent(input);
}

async function checkReceived({ role, payload, cuts }: CloseInput): Promise<void> {
  const bytes = parseByteText(payload);
  const frame = encodeFrame({
    opcode: 8,
    payload: bytes,
    maskingKey: role === 'server' && '37 fa 21 3d',
  });
  const reading = await readOurs({ role, maxMessageBytes: 1 }, cutAt(frame, cuts));
  const told = failureOf(reading)?.closeCode ?? reading.events.join();
  const expected = judge(bytes);
  if (told !== expected) throw new Error(`it is ${told}, and should be ${expected}`);
}

/** The event, or the status code of the failure. */
function judge(payload: Uint8Array): string | number {
  if (payload.byteLength === 0) return formatEvent('close 1005', payload);
  if (payload.byteLength === 1) return CloseCode.ProtocolError;
  const [high = 0, low = 0] = payload;
  const code = high * 256 + low;
  if (!maySend(code)) return CloseCode.ProtocolError;
  const reason = payload.subarray(2);
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(reason);
  } catch {
    return CloseCode.InvalidPayload;
  }
  return formatEvent(`close ${code}`, reason);
}

/** §7.4.1 and its registry, §7.4.2. */
function maySend(code: number): boolean {
  const registered = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
  return registered.includes(code) || (code >= 3000 && code <= 4999);
}

async function checkSent({ role, code, reason }: CloseInput): Promise<void> {
  const bytes = textBytes(reason);
  const expected = maySend(code) && bytes.byteLength <= 123;
  if (isSendable(code, reason) !== expected) throw new Error(`${code} is judged wrongly`);
  if (!expected) return;
  const sender = new Protocol(
    { role, ...(role === 'client' && { nextMaskingKey: () => 0x37fa_213d }) },
    silentSink,
  );
  sender.close(code, reason);
  const written = concatBytes(...sender.takeOutput());
  const peer = { role: role === 'server' ? 'client' : 'server', maxMessageBytes: 1 } as const;
  const { events } = await readOurs(peer, [written]);
  const [event, ...more] = events;
  if (event !== formatEvent(`close ${code}`, bytes) || more.length > 0) {
    throw new Error(`the peer reads ${events.join()}`);
  }
}

function isSendable(code: number, reason: string): boolean {
  try {
    assertClose(code, reason);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}
