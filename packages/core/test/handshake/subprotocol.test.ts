import { describe, expect, it } from 'vitest';
import { assertSubprotocols, selectSubprotocol } from '../../src/handshake/subprotocol.ts';

describe('RFC 6455 §4.2.2, the subprotocol that the server chooses', () => {
  it('is one that both sides know, in the order that the server prefers', () => {
    expect(selectSubprotocol(['chat', 'superchat'], ['superchat', 'chat'])).toBe('superchat');
    expect(selectSubprotocol(['chat', 'superchat'], ['json', 'chat'])).toBe('chat');
  });

  it('is none if they share none', () => {
    expect(selectSubprotocol(['chat'], ['json'])).toBeUndefined();
    expect(selectSubprotocol([], ['json'])).toBeUndefined();
    expect(selectSubprotocol(['chat'], [])).toBeUndefined();
  });

  it('has the same letters in the same case', () => {
    expect(selectSubprotocol(['Chat'], ['chat'])).toBeUndefined();
  });

  it('may have the name of something that every object has', () => {
    expect(selectSubprotocol(['constructor'], ['json'])).toBeUndefined();
    expect(selectSubprotocol(['__proto__'], ['__proto__'])).toBe('__proto__');
  });
});

describe('RFC 6455 §4.1 (10), the subprotocols that an application names', () => {
  it.each([[[]], [['chat', 'superchat']], [['chat.example.com', 'v10.stomp', '__proto__']]])(
    'may be %j',
    (names) => {
      expect(() => assertSubprotocols(names)).not.toThrow();
    },
  );

  it.each([
    [[''], '""'],
    [['chat room'], '"chat room"'],
    [['a,b'], '"a,b"'],
    [['chat\r\nX: y'], '"chat\\u{d}\\u{a}X: y"'],
    [['caf\u00e9'], '"caf\\u{e9}"'],
    [[13], '"13"'],
    [[undefined], '"undefined"'],
  ])('are tokens: %j is refused by name', (names, named) => {
    expect(() => assertSubprotocols(names)).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        code: 'WS_INVALID_OPTION',
        message: expect.stringContaining(`subprotocol ${named} is not a token`),
      }),
    );
  });

  it('are all different', () => {
    expect(() => assertSubprotocols(['chat', 'json', 'chat'])).toThrow(
      'Invalid option: subprotocol "chat" is listed twice',
    );
  });

  it.each(['chat', undefined, {}])('are a list: %j is none', (names) => {
    expect(() => assertSubprotocols(names)).toThrow(
      'Invalid option: subprotocols must be a list of names',
    );
  });
});
