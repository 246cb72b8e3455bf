import { expect, it, vi } from 'vitest';
import { readShared } from '../../src/connection/shared-read-buffer.ts';
import { tcpPair } from '../open.ts';

// What is allowed is found out once in a process, at the first connection: hence a file of its own.
process.env['HEDDLE_FAST_PATHS'] = '0';

it('no socket lends its reads where HEDDLE_FAST_PATHS=0 forbids it', async () => {
  const { server } = await tcpPair();
  const lent = vi.fn();
  expect(readShared(server, lent)).toBe(false);
  process.env['HEDDLE_FAST_PATHS'] = 'all';
  expect(readShared(server, lent)).toBe(false);
  expect(lent).not.toHaveBeenCalled();
});
