import { type Duplex, duplexPair } from 'node:stream';

/**
 * The two ends of a connection in memory. Node's own pair does not tell one end that the other was
 * destroyed (before Node 24 not even by `'end'`): these ends tell each other, as TCP does.
 */
export function streamPair(): [near: Duplex, far: Duplex] {
  const [near, far] = duplexPair();
  // An end that was not destroyed closes only when the other has read all that was sent.
  near.once('close', () => far.destroy());
  far.once('close', () => near.destroy());
  return [near, far];
}
