import { RSV1 } from './extensions/permessage-deflate.ts';
import { encodeFrame, type FrameStart } from './frame-header.ts';
import { Opcode } from './opcode.ts';
import type { Primitives } from './primitives.ts';

/** What a message is, be it one frame or many. */
export interface MessageStart {
  readonly text: boolean;
  /** Whether its payload, that of all its fragments together, is compressed (RFC 7692 §6). */
  readonly compressed: boolean;
}

/** The start of a message's first frame. RFC 7692 §6: RSV1 says there that the message is compressed. */
export function firstFrame({ text, compressed }: MessageStart, fin: boolean): FrameStart {
  return { fin, rsv: compressed ? RSV1 : 0, opcode: text ? Opcode.Text : Opcode.Binary };
}

/** A message as one frame of a server, which may go to any number of clients: it has no masking key. */
export function encodeMessage(
  payload: Uint8Array,
  start: MessageStart,
  primitives: Pick<Primitives, 'allocate'>,
): Uint8Array {
  return encodeFrame(firstFrame(start, true), payload, primitives);
}
