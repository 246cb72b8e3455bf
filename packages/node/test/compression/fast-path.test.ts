import { createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Deflater } from '../../src/compression/deflater.ts';
import { fastPathBy, type RawZlib, syncCallsWork } from '../../src/compression/fast-path.ts';
import { ZlibStream } from '../../src/compression/zlib-stream.ts';
import { expectNothingUncaught } from '../uncaught.ts';
import { TAKEOVER } from './inflate-all.ts';

expectNothingUncaught();

type RawStream = DeflateRaw | InflateRaw;
type Arguments = [number, Uint8Array, number, number, Uint8Array, number, number];

/** Node's zlib, as another version might be. */
function changed(change: (stream: RawStream) => void): RawZlib {
  const make = (stream: RawStream): RawStream => {
    change(stream);
    return stream;
  };
  return {
    createDeflateRaw: (options) => make(createDeflateRaw(options)),
    createInflateRaw: (options) => make(createInflateRaw(options)),
  };
}

function handleOf(stream: RawStream): object {
  const handle: unknown = Reflect.get(stream, '_handle');
  if (typeof handle !== 'object' || handle === null) throw new Error('There is no handle');
  return handle;
}

function writeSyncOf(handle: object): (...args: Arguments) => void {
  const original: unknown = Reflect.get(handle, 'writeSync');
  if (typeof original !== 'function') throw new Error('There is no writeSync');
  return (...args) => {
    Reflect.apply(original, handle, args);
  };
}

/** Has the handle's own call replaced by another that may use it. */
function wrapped(wrap: (call: (...args: Arguments) => void, args: Arguments) => void): RawZlib {
  return changed((stream) => {
    const handle = handleOf(stream);
    const call = writeSyncOf(handle);
    Reflect.set(handle, 'writeSync', (...args: Arguments) => wrap(call, args));
  });
}

/** Has the stream show another array than the one that zlib writes to. */
function withState(state: unknown): RawZlib {
  return changed((stream) => {
    // C++ goes on to write to it, and has nothing but its address: it must not be collected.
    Reflect.set(stream, 'stateOfOld', Reflect.get(stream, '_writeState'));
    Reflect.set(stream, '_writeState', state);
  });
}

describe('The self-test of the fast path', () => {
  it('passes on every Node that there is so far', () => {
    expect(syncCallsWork({ createDeflateRaw, createInflateRaw })).toBe(true);
  });

  const others: Record<string, RawZlib> = {
    'no handle': changed((stream) => Reflect.set(stream, '_handle', undefined)),
    'no writeSync': changed((stream) => Reflect.set(handleOf(stream), 'writeSync', undefined)),
    'no onerror': changed((stream) => Reflect.set(handleOf(stream), 'onerror', undefined)),
    'no _processChunk': changed((stream) => Reflect.set(stream, '_processChunk', undefined)),
    'another kind of state': withState([0, 0]),
    'a state of three': withState(new Uint32Array(3)),
    'a state that is not written': withState(new Uint32Array(2)),
    'a writeSync that does nothing': wrapped(() => {}),
    'a writeSync that throws': wrapped(() => {
      throw new TypeError('Illegal invocation');
    }),
    'a writeSync that reads nothing': wrapped((call, [flush, input, start, , ...output]) =>
      call(flush, input, start, 0, ...output),
    ),
    'a reset that does not reset': changed((stream) => Reflect.set(stream, 'reset', () => {})),
    'a reset that throws': changed((stream) =>
      Reflect.set(stream, 'reset', () => {
        throw new Error('zlib binding closed');
      }),
    ),
  };

  it.each(Object.entries(others))('fails with %s', (_, zlib) => {
    expect(syncCallsWork(zlib)).toBe(false);
  });

  it('fails, without trying, where Node passes other arguments', () => {
    let calls = 0;
    const zlib = changed((stream) => {
      const handle = handleOf(stream);
      Reflect.set(handle, 'writeSync', () => calls++);
      Reflect.set(stream, '_processChunk', (input: Uint8Array) => {
        const write: unknown = Reflect.get(handle, 'writeSync');
        if (typeof write === 'function') write(input, new Uint8Array(10));
      });
    });
    expect(syncCallsWork(zlib)).toBe(false);
    // The one call was Node's.
    expect(calls).toBe(1);
  });

  it('fails where invalid data is no error', () => {
    const zlib = changed((stream) => {
      const handle = handleOf(stream);
      const call = writeSyncOf(handle);
      Reflect.set(handle, 'writeSync', (...args: Arguments) => {
        const onerror: unknown = Reflect.get(handle, 'onerror');
        Reflect.set(handle, 'onerror', () => {});
        call(...args);
        Reflect.set(handle, 'onerror', onerror);
      });
    });
    expect(syncCallsWork(zlib)).toBe(false);
  });
});

describe('Without the fast path', () => {
  it('a stream that has no handle to call is used by the documented API', async () => {
    const raw = createDeflateRaw();
    const write: unknown = Reflect.get(handleOf(raw), 'writeSync');
    Reflect.set(handleOf(raw), 'writeSync', undefined);
    const stream = new ZlibStream(raw, true);
    expect(stream.fast).toBe(false);
    Reflect.set(handleOf(raw), 'writeSync', write);
    await new Promise<void>((resolve) => {
      stream.begin(Buffer.from('Hello'), () => stream.state === 'idle' && resolve());
    });
    expect(stream.state).toBe('idle');
    stream.close();
  });

  it.each([
    ['none', false],
    ['proven', true],
    ['all', true],
  ] as const)('is taken as far as fast paths are allowed: %s', (allowed, expected) => {
    expect(fastPathBy(allowed)).toBe(expected);
  });

  it('nothing but the promise is to be had', async () => {
    const sends = new Deflater(TAKEOVER, { level: 6, memLevel: 5 }, false);
    expect(sends.deflate(Buffer.from('Hello'), true)).toBeInstanceOf(Promise);
    sends.close();
  });
});
