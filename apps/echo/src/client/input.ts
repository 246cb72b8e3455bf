import { MAX_MESSAGE_BYTES } from '../message-limit.ts';

const NEWLINE = 0x0a;

/** What was read cannot be sent. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** The lines of UTF-8 in `input`, without their newlines; the last one needs none. Throws `InputError`. */
export async function* readLines(input: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = new Piece();
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      yield decode(rest.add(chunk.subarray(start, end)).bytes);
      rest = new Piece();
      start = end + 1;
    }
    rest.add(chunk.subarray(start));
  }
  if (rest.byteLength > 0) yield decode(rest.bytes);
}

/** All of `input` as one message. Throws `InputError`. */
export async function* readWhole(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const whole = new Piece();
  for await (const chunk of input) whole.add(chunk);
  yield whole.bytes;
}

/** What will be one message: its bytes as they come, never more than a message may have. */
class Piece {
  readonly #chunks: Buffer[] = [];
  byteLength = 0;

  add(chunk: Buffer): this {
    this.byteLength += chunk.byteLength;
    if (this.byteLength > MAX_MESSAGE_BYTES) {
      throw new InputError(`A message may have ${MAX_MESSAGE_BYTES} bytes, and there are more`);
    }
    this.#chunks.push(chunk);
    return this;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

function decode(bytes: Buffer): string {
  try {
    // What was read is sent as it is: a byte order mark, too.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InputError('A line is not UTF-8, and text must be: --binary sends any bytes');
  }
}
