import { crc32 } from 'node:zlib';
import { Random } from '../random.ts';
import type { FuzzCase, FuzzMessage, MessageKind } from './fuzz-case.ts';
import { type Heard, RawClient } from './raw-client.ts';

/** How long the server may take for a message. */
const PATIENCE_MS = 10_000;

/**
 * How a connection may end for what is no DEFLATE data, and no other way:
 *
 * - 1002, protocol error: a reserved bit on the wrong frame (RFC 7692 §6.1, RFC 6455 §5.2);
 * - 1007, invalid data: what zlib refuses, more final blocks than anybody sends, text that is not UTF-8;
 * - 1009, too big: more than `limits.maxMessageBytes` comes out.
 *
 * 1000 is the answer to our own close frame, after everything was delivered. 1008 is for too many
 * fragments or too long a silence within a frame, and 1013 for more that waits than a connection may
 * hold: nothing here sends so much that either would be right. 1006 and 1011 never are.
 */
const CLOSES_FOR_BAD_DATA: readonly number[] = [1002, 1007, 1009];

/** What came of a case. */
export interface Outcome {
  /** The messages that were sent, and whether they were delivered. */
  readonly delivered: readonly (readonly [MessageKind, boolean])[];
  readonly closeCode: number;
}

/** Plays a case against a server. Rejects with what is wrong with the server's side of it. */
export async function playCase(port: number, seed: number, fuzzCase: FuzzCase): Promise<Outcome> {
  const client = await RawClient.open(port, fuzzCase.path, offerOf(fuzzCase));
  const delivered: (readonly [MessageKind, boolean])[] = [];
  try {
    for (const message of fuzzCase.messages) {
      await client.write(message.writes);
      const heard = await client.hear(PATIENCE_MS);
      assertExpected(message, heard);
      delivered.push([message.kind, 'text' in heard]);
      if ('closeCode' in heard) return { delivered, closeCode: heard.closeCode };
    }
    client.close(new Random(seed));
    const heard = await client.hear(PATIENCE_MS);
    if (!('closeCode' in heard) || heard.closeCode !== 1000) {
      throw new Error(`the close frame is answered by ${JSON.stringify(heard)}`);
    }
    return { delivered, closeCode: 1000 };
  } finally {
    client.destroy();
  }
}

function offerOf({ takeover, windowBits }: FuzzCase): string {
  const offer = `permessage-deflate; client_max_window_bits=${windowBits}`;
  return takeover ? offer : `${offer}; client_no_context_takeover`;
}

function assertExpected({ kind, text, expected }: FuzzMessage, heard: Heard): void {
  if (expected === 'either') {
    if ('text' in heard || CLOSES_FOR_BAD_DATA.includes(heard.closeCode)) return;
  } else if ('delivered' in expected) {
    const bytes = expected.delivered;
    const type = text ? 'text' : 'binary';
    const answer = `${type} ${bytes.byteLength} ${crc32(bytes)}`;
    if ('text' in heard && heard.text === answer) return;
    throw new Error(`${kind} should be ${answer}, and is ${JSON.stringify(heard)}`);
  } else if ('closeCode' in heard && expected.closed.includes(heard.closeCode)) {
    return;
  }
  throw new Error(`${kind} should not be answered by ${JSON.stringify(heard)}`);
}
