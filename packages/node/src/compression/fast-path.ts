import { createDeflateRaw, createInflateRaw, type ZlibOptions } from 'node:zlib';
import { type FastPaths, fastPathsAllowed } from '../fast-paths.ts';
import { type ByteRange, nodeCallsAlike, type RawStream, ZlibHandle } from './zlib-handle.ts';

/** What makes zlib objects: `node:zlib`, or what a test puts in its place. */
export interface RawZlib {
  createDeflateRaw(options: ZlibOptions): RawStream;
  createInflateRaw(options: ZlibOptions): RawStream;
}

/**
 * More than the self-test makes. A Node whose call did not do what we think would else go on calling it
 * until there is no memory left.
 */
const BOUNDED: ZlibOptions = { maxOutputLength: 2 ** 16 };

let works: boolean | undefined;

/**
 * Whether zlib may be called synchronously. Found out once, by trying it; the environment variable
 * `HEDDLE_FAST_PATHS=0` forbids it.
 */
export function fastPath(): boolean {
  works ??= fastPathBy(fastPathsAllowed());
  return works;
}

/** The same by what is allowed, each time anew. */
export function fastPathBy(allowed: FastPaths): boolean {
  return allowed !== 'none' && syncCallsWork({ createDeflateRaw, createInflateRaw });
}

/** Tries all that we rely on and no documentation promises. Never throws. */
export function syncCallsWork(zlib: RawZlib): boolean {
  const streams: RawStream[] = [];
  const track = (stream: RawStream): RawStream => {
    streams.push(stream);
    return stream;
  };
  try {
    return (
      nodeCallsAlike(track(zlib.createDeflateRaw(BOUNDED))) &&
      roundTripWorks(track(zlib.createDeflateRaw(BOUNDED)), track(zlib.createInflateRaw(BOUNDED)))
    );
  } catch {
    return false;
  } finally {
    for (const stream of streams) stream.close();
  }
}

const TEXT = Buffer.from('The shuttle carries the weft, and the heddle lifts the warp. '.repeat(4));

/** An output too small for `TEXT`, compressed or not, so that each takes several calls. */
const SMALL_OUTPUT = 16;

function roundTripWorks(deflateRaw: RawStream, inflateRaw: RawStream): boolean {
  const deflater = ZlibHandle.of(deflateRaw);
  const inflater = ZlibHandle.of(inflateRaw);
  if (deflater === undefined || inflater === undefined) return false;
  const first = through(deflater, TEXT);
  const second = through(deflater, TEXT);
  // The second message is short because the window lives on.
  if (first.length <= second.length || second.length === 0) return false;
  if (!through(inflater, first).equals(TEXT) || !through(inflater, second).equals(TEXT))
    return false;
  deflateRaw.reset();
  if (!through(deflater, TEXT).equals(first)) return false;
  inflateRaw.reset();
  // With an empty window the second message refers to what is not there.
  if (!isRefused(inflater, second) || inflateRaw.destroyed) return false;
  inflateRaw.reset();
  return through(inflater, first).equals(TEXT);
}

function through(handle: ZlibHandle, input: Uint8Array): Buffer {
  const from: ByteRange = { bytes: input, start: 0, end: input.length };
  const pieces: Uint8Array[] = [];
  // As many calls as could make sense, were each to give one byte: no Node may make this a loop for ever.
  for (let calls = 0; calls <= TEXT.length; calls++) {
    const to: ByteRange = { bytes: new Uint8Array(SMALL_OUTPUT), start: 0, end: SMALL_OUTPUT };
    handle.writeSync(from, to);
    pieces.push(to.bytes.subarray(0, to.start));
    if (to.start < to.end && from.start === from.end) return Buffer.concat(pieces);
  }
  throw new Error('zlib comes to no end');
}

function isRefused(inflater: ZlibHandle, invalid: Uint8Array): boolean {
  try {
    through(inflater, invalid);
    return false;
  } catch (error) {
    return error instanceof Error && error.message.includes('distance');
  }
}
