import { describe, expect, it } from 'vitest';
import { reportError } from '../../src/connection/report-error.ts';
import { openHeld } from '../open.ts';
import { turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

const uncaught = expectNothingUncaught();

describe("An error of the application's", () => {
  it('goes to its onError, with the connection', () => {
    const { socket } = openHeld();
    const calls: unknown[][] = [];
    const error = new Error('mine');
    reportError((...args) => calls.push(args), error, socket);
    expect(calls).toEqual([[error, socket, undefined]]);
  });

  it('becomes a warning of the process where nobody takes it', async () => {
    const error = new Error('nobody takes this');
    reportError(undefined, error, openHeld().socket);
    await turn();
    expect(uncaught.splice(0)).toEqual([error]);
  });

  it('becomes a warning even if it is no error', async () => {
    reportError(undefined, { status: 500 }, openHeld().socket);
    await turn();
    expect(uncaught.splice(0)).toEqual([new Error('{ status: 500 }')]);
  });

  it('is a warning, too, when onError itself throws or rejects', async () => {
    const { socket } = openHeld();
    const thrown = Object.assign(Object.create(null), { odd: true });
    const throws = () => {
      throw thrown;
    };
    const rejects = async () => await Promise.reject(new Error('rejected'));
    reportError(throws, new Error('lost'), socket);
    reportError(rejects, new Error('lost'), socket);
    await turn();
    expect(uncaught.splice(0)).toEqual([
      new Error('[Object: null prototype] { odd: true }'),
      new Error('rejected'),
    ]);
  });
});
