import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { streamPair } from '../../src/connection/stream-pair.ts';

describe('streamPair', () => {
  it('carries bytes both ways, and lets what was sent before the end be read', async () => {
    const [near, far] = streamPair();
    near.end('from near');
    far.end('from far');
    const closed = Promise.all([once(near, 'close'), once(far, 'close')]);
    expect(await Promise.all([text(near), text(far)])).toEqual(['from far', 'from near']);
    await closed;
  });

  it('keeps one half open when the other has ended, as TCP does', async () => {
    const [near, far] = streamPair();
    near.end('question');
    far.resume();
    await once(far, 'end');
    far.end('answer');
    expect(await text(near)).toBe('answer');
  });

  it.each(['near', 'far'])('takes both ends down when the %s one is destroyed', async (name) => {
    const [near, far] = streamPair();
    const [one, other] = name === 'near' ? [near, far] : [far, near];
    other.resume();
    const closed = once(other, 'close');
    one.destroy();
    await closed;
    expect(other.destroyed).toBe(true);
  });

  it('lets an end that is slow read to the end of what the other has sent', async () => {
    const [near, far] = streamPair();
    far.on('data', () => far.pause());
    near.write('one');
    await once(far, 'pause');
    near.end('two');
    near.resume();
    far.end();
    await once(near, 'end');
    await new Promise((resolve) => setTimeout(resolve, 20));
    far.removeAllListeners('data');
    expect(await text(far)).toBe('two');
  });
});
