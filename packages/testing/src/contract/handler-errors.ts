import { expect } from 'vitest';
import type { ContractCases, StartApp } from './contract-case.ts';
import { closeCodeOf } from './eventually.ts';
import { delay, echo, expectEcho } from './handlers.ts';
import type { ContractHandler } from './harness.ts';

const failure = new Error('no such room');

/** What handlers and listeners throw or reject with: to `onError`, and 1011 for the client. */
export const handlerErrors = {
  'reports what a handler throws, and closes with 1011': async (start) => {
    await failsWith(start, () => {
      throw failure;
    });
  },

  'reports what an async handler rejects with, and closes with 1011': async (start) => {
    await failsWith(start, async () => {
      await delay(10);
      throw failure;
    });
  },

  'reports what a message listener throws, and closes with 1011': async (start) => {
    await failsWith(start, (socket) => {
      socket.on('message', () => {
        throw failure;
      });
    });
  },

  'reports what an async message listener rejects with, and closes with 1011': async (start) => {
    await failsWith(start, (socket) => {
      socket.on('message', async () => {
        await delay(10);
        throw failure;
      });
    });
  },

  'reports what the loop of an iterating handler throws, and closes with 1011': async (start) => {
    await failsWith(start, async (socket) => {
      for await (const message of socket) {
        if (message === 'hello') throw failure;
      }
    });
  },
} satisfies ContractCases;

async function failsWith(start: StartApp, ws: ContractHandler): Promise<void> {
  const app = await start({
    routes: [
      { path: '/broken', ws },
      { path: '/chat', ws: echo },
    ],
  });
  const client = await app.client('/broken');
  client.send('hello');
  expect(await closeCodeOf(client)).toBe(1011);
  expect(app.errors).toEqual([failure]);
  const other = await app.client('/chat');
  await expectEcho(other);
}
