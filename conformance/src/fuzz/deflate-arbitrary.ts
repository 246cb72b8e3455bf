import { constants, deflateRawSync } from 'node:zlib';
import { concatBytes } from '@heddle/testing';
import fc from 'fast-check';
import { formatByteText, parseByteText } from './byte-text.ts';
import { edgeBytes, someBytes, utf8Bytes } from './some-bytes.ts';
import type { DeflateForm } from './stream-case.ts';

/** What somebody compresses, and how; or bytes that only claim to be compressed. */
export type Compression =
  | {
      readonly content: string;
      /** zlib's: 0–9, and 0–4. */
      readonly level: number;
      readonly strategy: number;
      /** Ended by an empty block, which is cut off (RFC 7692 §7.2.1), or by a final one (§7.2.3.4). */
      readonly ending: 'sync' | 'final';
    }
  | { readonly payload: string };

/** Blocks that a compressor does not make, and data that no inflater takes. */
const BY_HAND = [
  // A final block, nothing behind it but the tail; two; one and a stored block; with half an octet more.
  '03 00',
  '03 00 03 00 00',
  '03 00 00 01 00 fe ff 41',
  '4a 04 00',
  // Empty blocks: stored, and with fixed codes.
  '00 00 00 ff ff 00 00 00 ff ff 00',
  '02 08 20 80 00',
  // A reserved block type, a stored block whose length is wrong, a distance beyond what there is.
  '06',
  '00 05 00 00 00',
  '4b 04 02 00',
  // A stored block that is not there to its end.
  '00 05 00 fa ff 41',
  '',
];

/** One above every limit that is used here. */
const BOMB = '00*200000';

const contents = fc.oneof(
  { weight: 6, arbitrary: utf8Bytes(true) },
  { weight: 2, arbitrary: utf8Bytes(false) },
  { weight: 2, arbitrary: someBytes(200) },
  { weight: 1, arbitrary: edgeBytes },
  // As large as the smallest limit, and not to be compressed.
  {
    weight: 1,
    arbitrary: fc.uint8Array({ minLength: 290, maxLength: 300 }).map(formatByteText),
  },
  { weight: 1, arbitrary: fc.constant(BOMB) },
);

export const compressions: fc.Arbitrary<Compression> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      content: contents,
      level: fc.constantFrom(6, 0, 1, 9),
      strategy: fc.nat(4),
      ending: fc.constantFrom('sync' as const, 'sync' as const, 'final' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ payload: fc.constantFrom(...BY_HAND) }) },
  { weight: 1, arbitrary: fc.record({ payload: someBytes(40) }) },
);

/** A peer's end of permessage-deflate: it compresses one message after the other. */
export class Compressor {
  readonly #form: DeflateForm;
  /** What later messages may refer to. */
  #window: Uint8Array = new Uint8Array(0);

  constructor(form: DeflateForm) {
    this.#form = form;
  }

  /** The message's payload data, as byte text. */
  compress(compression: Compression): string {
    if ('payload' in compression) return compression.payload;
    const { content, level, strategy, ending } = compression;
    const bytes = parseByteText(content);
    const compressed = deflateRawSync(bytes, {
      level,
      strategy,
      windowBits: this.#form.windowBits,
      finishFlush: ending === 'sync' ? constants.Z_SYNC_FLUSH : constants.Z_FINISH,
      ...(this.#window.byteLength > 0 && { dictionary: this.#window }),
    });
    if (this.#form.takeover) this.#window = concatBytes(this.#window, bytes).subarray(-(2 ** 15));
    // To a reader, a final block empties the window.
    if (ending === 'final') this.#window = new Uint8Array(0);
    return formatByteText(
      ending === 'sync' ? compressed.subarray(0, -4) : concatBytes(compressed, Uint8Array.of(0)),
    );
  }
}
