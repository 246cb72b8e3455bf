import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type CloseInfo, type Connection, connect } from '@heddle/node';
import { encodeFrame, ScriptedPeer } from '@heddle/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerEnd } from './stalled-server.ts';

/** Twenty times as long as each of the server's deadlines. */
const STALL_MS = 20_000;
const STEADY = 160;
const IN_A_FRAME = 20;
const CLOSING = 20;

const TEXT = 'said in two halves, with 20 s between them';
const FRAME = encodeFrame({ opcode: 1, payload: TEXT, maskingKey: '37 fa 21 3d' });
/** So much of it is sent before the stall. */
const HALF = 20;

/** The clients do not judge the server: it is known to stand still. */
const options = { heartbeat: false, handshakeTimeoutMs: 60_000, closingTimeoutMs: 60_000 } as const;

let server: ChildProcess;
let port: number;
let steady: readonly Connection[];
const echoes: string[] = [];
const ends: CloseInfo[] = [];
let framed: readonly ScriptedPeer[];
let closings: readonly CloseInfo[];
let serverEnds: readonly ServerEnd[];
let newcomer: Connection;
let deaf: ScriptedPeer;

/** One stall for all tests: 200 clients of three kinds live through it, and one more comes meanwhile. */
beforeAll(async () => {
  server = fork(fileURLToPath(new URL('stalled-server.ts', import.meta.url)), {
    execArgv: ['--conditions=@heddle/source'],
  });
  [port] = await once(server, 'message');
  steady = await many(STEADY, open);
  const leaving = await many(CLOSING, open);
  framed = await many(IN_A_FRAME, beginFrame);
  for (const socket of leaving) socket.send('close');
  // What was said just now is read.
  await sleep(200);
  const awake = once(server, 'message');
  server.send(STALL_MS);
  await sleep(STALL_MS / 4);
  for (const [index, socket] of steady.entries()) socket.send(`client ${index}`);
  for (const peer of framed) peer.sends(FRAME.subarray(HALF));
  const arrival = open();
  [serverEnds] = await awake;
  newcomer = await arrival;
  closings = await Promise.all(leaving.map(({ closed }) => closed));
  // Long enough for every deadline that may be late.
  [deaf] = await Promise.all([openDeaf(), sleep(2_500)]);
}, 120_000);

afterAll(async () => {
  const exited = once(server, 'exit');
  server.disconnect();
  await exited;
});

describe('A server whose event loop stands still for 20 s', () => {
  it('drops none of its clients', () => {
    expect(ends).toEqual([]);
    expect(steady.filter(({ state }) => state === 'open')).toHaveLength(STEADY);
  });

  it('answers what was said meanwhile', () => {
    expect(echoes.toSorted()).toEqual(steady.map((_, index) => `client ${index}`).toSorted());
  });

  it('takes the rest of frames that had begun', async () => {
    for (const peer of framed) await peer.receivesText(TEXT);
    for (const peer of framed) peer.destroy();
  });

  it('ends the closing handshakes that had begun, as both sides wanted it', () => {
    const clean = { code: 1000, reason: 'before the stall', wasClean: true, error: undefined };
    expect(closings).toEqual(Array.from({ length: CLOSING }, () => clean));
    const { code, wasClean } = clean;
    expect(serverEnds).toEqual(Array.from({ length: CLOSING }, () => ({ code, wasClean })));
  });

  it('opens the connections that came meanwhile', () => {
    expect(newcomer.state).toBe('open');
  });

  it('gives up, after it as before, a peer that answers no ping', async () => {
    expect(await deaf.receivesFrame()).toMatchObject({ opcode: 9 });
    await deaf.receivesEnd();
    deaf.destroy();
  });
});

function many<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, make));
}

async function open(): Promise<Connection> {
  const socket = await connect(`ws://127.0.0.1:${port}/`, options);
  socket.on('message', (message) => echoes.push(String(message)));
  socket.on('close', (info) => {
    if (info.reason === '') ends.push(info);
  });
  return socket;
}

/** A peer that answers nothing. */
async function openDeaf(): Promise<ScriptedPeer> {
  const peer = await ScriptedPeer.connect({ port, timeoutMs: 60_000 });
  await peer.handshake();
  return peer;
}

async function beginFrame(): Promise<ScriptedPeer> {
  const peer = await openDeaf();
  peer.sends(FRAME.subarray(0, HALF));
  return peer;
}
