import { setTimeout as sleep } from 'node:timers/promises';
import { ClosedError } from '@heddle/node';
import { Line } from './line.ts';
import { makePayload } from './payload.ts';
import type { Surroundings } from './surroundings.ts';

/** The most messages, or bursts of them, on one connection. */
const MAX_TURNS = 10;
const MAX_BURST = 4;

/** One connection of a client that behaves well: it talks, and leaves in one of the ways in which people do. */
export async function playSession(surroundings: Surroundings): Promise<void> {
  const line = await Line.open(surroundings);
  await talk(line, surroundings);
  await part(line, surroundings);
}

async function talk(line: Line, { dice, pauseMs, stop }: Surroundings): Promise<void> {
  const turns = dice.between(1, MAX_TURNS);
  let sequence = 0;
  for (let turn = 0; turn < turns && line.open && !stop.aborted; turn++) {
    await pause(dice.between(0, pauseMs), stop);
    const burst = dice.chance(0.8) ? 1 : dice.between(2, MAX_BURST);
    for (let count = 0; count < burst && line.open; count++) {
      const payload = makePayload(dice, sequence++);
      if (dice.chance(0.2)) await sendStream(line, payload, dice.between(1, 16) * 1024);
      else line.send(payload);
    }
  }
}

/** What ends meanwhile is a wrong close already, and no error besides. */
async function sendStream(line: Line, payload: string | Buffer, fragmentBytes: number) {
  try {
    await line.sendStream(payload, fragmentBytes);
  } catch (error) {
    if (!(error instanceof ClosedError)) throw error;
  }
}

async function part(line: Line, { dice, stop, tally }: Surroundings): Promise<void> {
  const way = dice.roll();
  if (!line.open) return await line.ended();
  if (stop.aborted || way < 0.6) {
    await line.close(dice.chance(0.5) ? 1000 : dice.between(3000, 4999), 'over and out');
    tally.parted('closed');
  } else if (way < 0.85) {
    await line.kill();
    tally.parted('killed');
  } else {
    await line.halfClose();
    tally.parted('half-closed');
  }
}

/** Waits, but not beyond the end. */
async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stop }).catch(() => {});
}
