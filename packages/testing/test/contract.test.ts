import { expect, it } from 'vitest';
import { caseTable } from '../src/contract/case-table.ts';
import type { ContractCases } from '../src/contract/contract-case.ts';
import { runCase } from '../src/contract/run-case.ts';
import { naiveAdapter } from './naive-adapter.ts';

/** What ws and the framework do right by themselves. */
const keptByChance = [
  'answers a handshake with 101 and the fields of §4.2.2',
  'accepts the tokens of Upgrade and Connection among others, in any case',
  'does not let header fields of a hook spoil the handshake',
  'answers 426 to a plain GET on a route of WebSocket only',
  'lets in a page of its own origin, and a client that names none',
  'has a GET and a WebSocket on one path',
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
  'opens nothing for clients that leave while a hook is deciding, over TLS',
  'still refuses a client that ended its half, if it can',
  'ends a connection whose client resets it',
  'ends a connection whose client ends its half without a close frame',
  'lets go of a connection that no listener takes once its client ends',
];

/** A contract that an adapter keeps by accident is none: this shows that its cases can fail. */
it('is not kept by an adapter that is written around ws in the usual way', async () => {
  const { leaks = {}, ...others } = caseTable;
  const kept = await Promise.all(Object.values(others).map((cases) => keptOf(cases)));
  const keptLeaks = await keptOf(leaks);
  expect([...kept.flat(), ...keptLeaks]).toEqual(keptByChance);
}, 60_000);

/** Runs the cases side by side, since those that fail do so by waiting; returns those that do not. */
async function keptOf(cases: ContractCases): Promise<string[]> {
  const names = Object.keys(cases);
  const runs = await Promise.allSettled(
    Object.values(cases).map((run) => runCase(naiveAdapter, run)),
  );
  return names.filter((_, index) => runs[index]?.status === 'fulfilled');
}
