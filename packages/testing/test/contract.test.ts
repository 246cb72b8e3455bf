import { expect, it } from 'vitest';
import { casesOf } from '../src/contract/case-table.ts';
import { keptByNaiveAdapter } from './naive-adapter.ts';

/** What ws and the framework do right by themselves. */
const keptByChance = [
  'answers a handshake with 101 and the fields of §4.2.2',
  'accepts the tokens of Upgrade and Connection among others, in any case',
  'does not let header fields of a hook spoil the handshake',
  'answers 426 to a plain GET on a route of WebSocket only',
  'lets in a page of its own origin, and a client that names none',
  'has a GET and a WebSocket on one path',
  "has the client's address and the name that it asked for, and knows whether TLS protects it",
  'answers a HEAD as the GET of the same path, without its body',
  'upgrades a connection that has served plain requests before',
  'works on two servers of one application',
  'echoes text and bytes of every length',
  'echoes a message that comes byte by byte, in fragments, with a ping between',
  'takes a frame that comes in one segment with the handshake',
  'takes such a frame while a hook is still deciding',
  'closes with 1009 for a message that is too big, and serves the others',
  'opens nothing for a client that ended its half (FIN) while a hook was deciding',
  'opens nothing for a client that reset (RST) while a hook was deciding',
  'opens nothing on a connection that broke while a hook was deciding',
  'still refuses a client that ended its half, if it can',
  'ends a connection whose client resets it',
  'ends a connection whose client ends its half without a close frame',
  'lets go of what no upgrade listener takes once its client ends',
];

/** A contract that an adapter keeps by accident is none: this shows that its cases can fail. */
it('is not kept by an adapter that is written around ws in the usual way', async () => {
  const kept = await keptByNaiveAdapter('http');
  // On a busy machine it may keep fewer.
  expect(kept.filter((title) => !keptByChance.includes(title))).toEqual([]);
  const titles = Object.values(casesOf('http')).flatMap((cases) => Object.keys(cases));
  expect(keptByChance.filter((title) => !titles.includes(title))).toEqual([]);
}, 60_000);
