import { describe, expect, it } from 'vitest';
import { Deferred } from '../src/deferred.ts';
import { expectNothingUncaught } from './uncaught.ts';

expectNothingUncaught();

describe('A deferred', () => {
  it('resolves for whoever waits, and keeps its first answer', async () => {
    const deferred = new Deferred<number>();
    deferred.resolve(1);
    deferred.resolve(2);
    deferred.reject(new Error('late'));
    expect(await deferred.promise).toBe(1);
  });

  it('rejects for whoever waits', async () => {
    const deferred = new Deferred<number>();
    deferred.reject(new Error('no'));
    await expect(deferred.promise).rejects.toThrow('no');
  });

  it('may reject while nobody waits', () => {
    new Deferred().reject(new Error('nobody hears this'));
    void Deferred.rejected(new Error('nor this'));
  });

  it('is rejected for whoever comes later', async () => {
    await expect(Deferred.rejected(new Error('early'))).rejects.toThrow('early');
  });
});
