import { describe, expect, it } from 'vitest';
import { attacks } from '../src/hostile/index.ts';

/** What a hostile peer may do, as the project's requirements list it. */
const required: Readonly<Record<string, readonly string[]>> = {
  handshake: [
    'slow headers',
    'endless headers',
    '10,000 headers',
    'pipelined garbage',
    'wrong everything',
    'prototype-named parameters',
    'quadratic-looking lists',
    'keys of every kind',
  ],
  frames: [
    'length 2^63−1',
    'a million empty fragments',
    'one byte per fragment',
    'a frame that never ends',
    'reserved everything',
    'a close frame inside a message',
    'floods of ping',
    'floods of pong',
    'floods of close',
    'a peer that never reads',
    'a peer that reads one byte a second',
    'half-open connections',
    'RST at every state',
    'a zip bomb: one message',
    'a zip bomb: many messages',
    'a zip bomb: over fragments',
    'invalid deflate',
    'invalid UTF-8 at every position',
  ],
  applications: [
    'handlers that throw',
    'handlers that reject',
    'handlers that block',
    'handlers that never settle',
    'send after close',
    'send from close',
    'destroy inside message',
    'listeners removed while called',
  ],
};

const names = attacks.map(({ name }) => name);

describe('The hostile peers', () => {
  it.each(Object.entries(required))('have all that is required of %s', (_, expected) => {
    expect(names).toEqual(expect.arrayContaining([...expected]));
  });

  it('have a name each', () => {
    expect(new Set(names).size).toBe(names.length);
  });
});
