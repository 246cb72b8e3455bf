import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Message } from '../src/message.ts';
import { messageOpcode } from '../src/message.ts';
import { Opcode } from '../src/opcode.ts';

describe('RFC 6455 §5.6, data frames: a message', () => {
  it('is text if it is a string', () => {
    expect(messageOpcode('')).toBe(Opcode.Text);
  });

  it.each<[string, Message]>([
    ['a Uint8Array', new Uint8Array(0)],
    ['a Buffer', Buffer.from('x')],
    ['a Uint8Array of another realm', runInNewContext('new Uint8Array(1)') as Uint8Array],
  ])('is binary if it is %s', (_, message) => {
    expect(messageOpcode(message)).toBe(Opcode.Binary);
  });

  it.each<[string, unknown, string]>([
    ['a number', 1, 'number'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an ArrayBuffer', new ArrayBuffer(1), 'object'],
    ['a DataView', new DataView(new ArrayBuffer(1)), 'object'],
    ['words of 16 bits', new Uint16Array(1), 'object'],
    ['an array of numbers', [1, 2], 'object'],
    ['an object', { message: 'Hello' }, 'object'],
  ])('is not %s', (_, message, kind) => {
    expect(() => messageOpcode(message as Message)).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        code: 'WS_UNSUPPORTED_MESSAGE',
        message: expect.stringMatching(new RegExp(`not ${kind}$`)),
      }),
    );
  });
});
