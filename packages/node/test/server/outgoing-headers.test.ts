import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { takeArguments, type WriteHeadArguments } from '../../src/server/outgoing-headers.ts';

function take(...args: WriteHeadArguments) {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.setHeader('X-Before', 'set');
  response.setHeader('Set-Cookie', 'before=1');
  const message = takeArguments(response, args);
  return { message, headers: { ...response.getHeaders() } };
}

const before = { 'x-before': 'set', 'set-cookie': 'before=1' };

describe('the arguments of writeHead', () => {
  it('may be none', () => {
    expect(take()).toEqual({ message: undefined, headers: before });
    expect(take(undefined)).toEqual({ message: undefined, headers: before });
  });

  it('may be a status message', () => {
    expect(take('Off We Go')).toEqual({ message: 'Off We Go', headers: before });
  });

  it.each<[string, WriteHeadArguments]>([
    ['an object', [{ 'X-One': 1, 'Set-Cookie': ['a=1', 'b=2'] }]],
    ['an object behind a message', ['Hi', { 'X-One': 1, 'Set-Cookie': ['a=1', 'b=2'] }]],
    [
      'an object behind an absent message',
      [undefined, { 'X-One': 1, 'Set-Cookie': ['a=1', 'b=2'] }],
    ],
    ['a list', [['X-One', 1, 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']]],
    ['a list with a list in it', ['Hi', ['X-One', 1, 'Set-Cookie', ['a=1', 'b=2']]]],
    [
      'a list of pairs',
      [
        [
          ['X-One', 1],
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
        ],
      ],
    ],
    [
      'a list of pairs behind a message',
      [
        'Hi',
        [
          ['X-One', '1'],
          ['Set-Cookie', ['a=1', 'b=2']],
        ],
      ],
    ],
  ])('may be %s: its fields replace those set before', (_form, args) => {
    const { message, headers } = take(...args);
    expect(message).toBe(args[0] === 'Hi' ? 'Hi' : undefined);
    expect(headers).toEqual({ 'x-before': 'set', 'x-one': '1', 'set-cookie': ['a=1', 'b=2'] });
  });

  it('may hold nothing', () => {
    expect(take({}).headers).toEqual(before);
    expect(take([]).headers).toEqual(before);
    expect(take({ 'X-None': undefined }).headers).toEqual(before);
  });

  it('are refused by Node as ever where they cannot be sent', () => {
    expect(() => take({ 'X-One': 'a\r\nb' })).toThrow(/Invalid character/);
    expect(() => take(['X One', '1'])).toThrow(/valid HTTP token/);
  });
});
