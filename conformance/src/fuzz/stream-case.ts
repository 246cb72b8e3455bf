import { concatBytes, encodeFrame } from '@heddle/testing';
import { parseByteText } from './byte-text.ts';
import { type Mutation, mutate } from './mutation.ts';

export type Role = 'client' | 'server';

/** permessage-deflate in the direction that is read. */
export interface DeflateForm {
  readonly takeover: boolean;
  /** 9–15. */
  readonly windowBits: number;
}

/** A frame on the wire, as right or wrong as it comes (§5.2). */
export interface WireFrame {
  readonly opcode: number;
  readonly fin: boolean;
  /** RSV1, RSV2 and RSV3 as 4, 2 and 1. */
  readonly rsv: number;
  /** Byte text. */
  readonly payload: string;
  /** Four octets as byte text; a frame without them is not masked. */
  readonly maskingKey?: string;
  /** In how many bytes the length stands; the fewest if this is left out. */
  readonly lengthBytes?: 2 | 8;
  /** The length that the header claims, in decimal, in place of the payload's. It needs `lengthBytes`. */
  readonly claimedLength?: string;
}

/** What a peer sends to an endpoint, and how TCP cuts it. */
export interface StreamCase {
  /** The endpoint's. */
  readonly role: Role;
  readonly maxMessageBytes: number;
  /** Where permessage-deflate was negotiated. */
  readonly deflate?: DeflateForm;
  readonly frames: readonly WireFrame[];
  readonly mutations: readonly Mutation[];
  /** Where the bytes are cut, each modulo their number and one. */
  readonly cuts: readonly number[];
}

export const MAX_FRAGMENTS = 8;

export function bytesOf({ frames, mutations }: StreamCase): Uint8Array {
  return mutate(concatBytes(...frames.map(encode)), mutations);
}

function encode({ maskingKey, payload, claimedLength, ...frame }: WireFrame): Uint8Array {
  return encodeFrame({
    ...frame,
    payload: parseByteText(payload),
    maskingKey: maskingKey === undefined ? false : parseByteText(maskingKey),
    ...(claimedLength !== undefined && { claimedLength: BigInt(claimedLength) }),
  });
}

/** `bytes` in pieces, some of them maybe empty, each in memory of its own. */
export function cutAt(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const offsets = cuts.map((cut) => cut % (bytes.byteLength + 1)).sort((one, two) => one - two);
  const bounds = [0, ...offsets, bytes.byteLength];
  return bounds.slice(1).map((end, index) => bytes.slice(bounds[index], end));
}
