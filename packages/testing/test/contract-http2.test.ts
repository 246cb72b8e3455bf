import { expect, it } from 'vitest';
import { casesOf } from '../src/contract/case-table.ts';
import { keptByNaiveAdapter } from './naive-adapter.ts';

/** What ws, the framework and Node's streams of HTTP/2 do right by themselves. */
const keptByChance = [
  'answers a handshake with 101 and the fields of §4.2.2',
  'does not let header fields of a hook spoil the handshake',
  'lets a hook refuse with status, header fields and body',
  'answers 500 when a hook rejects',
  "answers as the application's error handler says when a hook rejects",
  'answers 429 above the rate limit',
  'answers 404 where there is no route',
  'never answers 101 on a route of plain HTTP',
  'answers 426 to a plain GET on a route of WebSocket only',
  'lets in a page of its own origin, and a client that names none',
  'has a GET and a WebSocket on one path',
  'has the parameters of the path and of every prefix',
  'answers a HEAD as the GET of the same path, without its body',
  'works on two servers of one application',
  'echoes text and bytes of every length',
  'takes a frame that comes in one segment with the handshake',
  'takes such a frame while a hook is still deciding',
  'closes with 1009 for a message that is too big, and serves the others',
  'opens nothing for a client that reset (RST) while a hook was deciding',
  'opens nothing on a connection that broke while a hook was deciding',
  'still refuses a client that ended its half, if it can',
  'ends a connection whose client resets it',
  'ends a connection whose client ends its half without a close frame',
  'announces that it takes extended CONNECTs',
  'takes WebSockets over HTTP/1.1 on the same server',
  'carries many WebSockets on one connection',
  'carries WebSockets and ordinary requests side by side on one connection',
  'does not let a socket that its client does not read hold up the others',
  'opens nothing for a stream that was reset while a hook was deciding, and serves the others',
  'opens nothing on a TCP connection that broke while a hook was deciding',
  'ends every socket of a TCP connection that breaks with 1006',
  'ends every socket of a client that says GOAWAY with an error with 1006',
  'serves the sockets of a client that says GOAWAY until they close',
  'serves its own paths beside another connect listener',
  'lets go of what no connect listener takes once its client ends',
];

/** As contract.test.ts does for HTTP/1.1: this shows that the cases of HTTP/2 can fail. */
it('is not kept over HTTP/2 by an adapter that is written around ws in the usual way', async () => {
  const kept = await keptByNaiveAdapter('http2');
  // On a busy machine it may keep fewer.
  expect(kept.filter((title) => !keptByChance.includes(title))).toEqual([]);
  const titles = Object.values(casesOf('http2')).flatMap((cases) => Object.keys(cases));
  expect(keptByChance.filter((title) => !titles.includes(title))).toEqual([]);
}, 60_000);
