import type { ProtocolError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  formatReply,
  InvalidMessageError,
  type MessageSchema,
  parseMessage,
  reasonOfRefusal,
  type SchemaResult,
} from '../../src/connection/message-schema.ts';
import { turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const Chat = z.object({ room: z.string(), at: z.object({ line: z.number() }).optional() });

/** The same as a function: what Heddle takes beside a Standard Schema. */
function chat(value: unknown): SchemaResult<{ room: string }> {
  if (typeof value === 'object' && value !== null && 'room' in value) {
    if (typeof value.room === 'string') return { value: { room: value.room } };
  }
  return { issues: [{ message: 'a room, please', path: ['room'] }] };
}

/** A schema that is a function as well, as those of arktype are. */
const callable: MessageSchema<{ room: string }> = Object.assign(() => ({ value: 'not this' }), {
  '~standard': { version: 1, vendor: 'test', validate: chat },
} as const);

function refusal(call: () => unknown): ProtocolError {
  try {
    call();
  } catch (error) {
    return error as ProtocolError;
  }
  throw new Error('it was not refused');
}

describe.each([
  ['a Standard Schema', Chat],
  ['a function', chat],
  ['a Standard Schema that is a function', callable],
])('%s', (_, schema) => {
  it('makes what it describes of JSON text', () => {
    expect(parseMessage(schema, '{"room":"heddle"}')).toEqual({ room: 'heddle' });
  });

  it('refuses another form, and says where', () => {
    const error = refusal(() => parseMessage(schema, '{"room":1}'));
    expect(error).toBeInstanceOf(InvalidMessageError);
    expect(error).toMatchObject({ code: 'WS_INVALID_MESSAGE', closeCode: 1008 });
    expect(error.message).toContain('room: ');
  });

  it('refuses text that is no JSON', () => {
    const error = refusal(() => parseMessage(schema, '{"room"'));
    expect(error).toMatchObject({ code: 'WS_INVALID_MESSAGE', closeCode: 1008 });
    expect(reasonOfRefusal(error)).toBe('it is not JSON');
  });

  it('refuses binary messages with 1003', () => {
    const error = refusal(() => parseMessage(schema, Buffer.from('{"room":"heddle"}')));
    expect(error).toMatchObject({ code: 'WS_UNSUPPORTED_DATA', closeCode: 1003 });
    expect(reasonOfRefusal(error)).toBe(error.message);
  });

  it('makes JSON of a reply, and refuses another form', () => {
    expect(formatReply(schema, { room: 'heddle' })).toBe('{"room":"heddle"}');
    const error = expect.objectContaining({ code: 'WS_INVALID_REPLY' });
    expect(() => formatReply(schema, { room: 1 })).toThrow(error);
  });
});

describe('The reason of a refusal', () => {
  it('begins with the path to what is wrong', () => {
    const error = refusal(() => parseMessage(Chat, '{"room":"x","at":{"line":"7"}}'));
    expect(reasonOfRefusal(error)).toMatch(/^at\.line: /);
  });

  it('knows paths of keys and of segments with keys, as the specification has both', () => {
    const schema = () => ({
      issues: [
        { message: 'one', path: ['a', { key: 0 }, { key: 'b' }] },
        { message: 'two', path: [] },
        { message: 'three', path: undefined },
        { message: 'four', path: [Symbol('s')] },
      ],
    });
    const error = refusal(() => parseMessage(schema, '1'));
    expect(reasonOfRefusal(error)).toBe('a.0.b: one; two; three; Symbol(s): four');
  });

  it('does not grow with the number of issues', () => {
    const issues = Array.from({ length: 100_000 }, (_, index) => ({
      message: 'no',
      path: [index],
    }));
    const error = refusal(() => parseMessage(() => ({ issues }), '1'));
    expect(reasonOfRefusal(error)).toBe(
      '0: no; 1: no; 2: no; 3: no; 4: no; 5: no; 6: no; 7: no; …',
    );
    expect(error).toMatchObject({ issues: { length: 100_000 } });
  });
});

describe('What a schema may answer', () => {
  it('may be undefined as a value', () => {
    expect(parseMessage(() => ({ value: undefined }), 'null')).toBeUndefined();
  });

  it('is refused where it comes through a promise: messages keep their order', async () => {
    const late = z.string().refine(async () => await Promise.resolve(true));
    const rejects = (async () => await Promise.reject(new Error('late'))) as () => never;
    const error = expect.objectContaining({ code: 'WS_INVALID_OPTION' });
    for (const schema of [late, rejects]) {
      expect(() => parseMessage(schema, '"text"')).toThrow(error);
      expect(() => formatReply(schema, 'text')).toThrow(error);
    }
    await turn();
  });

  it.each([undefined, true, {}, 'yes'])('is refused where it is %o', (answer) => {
    const schema = (() => answer) as unknown as MessageSchema<unknown>;
    const error = expect.objectContaining({ code: 'WS_INVALID_OPTION' });
    expect(() => parseMessage(schema, '1')).toThrow(error);
  });

  it('is refused as a reply where JSON has no form for it', () => {
    const any: MessageSchema<unknown> = (value) => ({ value });
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const reply of [undefined, () => {}, 1n, cycle]) {
      const error = expect.objectContaining({ code: 'WS_INVALID_REPLY' });
      expect(() => formatReply(any, reply)).toThrow(error);
    }
  });
});
