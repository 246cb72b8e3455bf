import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  ClosedError,
  HandshakeError,
  ProtocolError,
  UsageError,
  WebSocketError,
} from '../src/errors.ts';
import { refusals } from '../src/handshake/refusal.ts';
import { misuses } from '../src/misuse.ts';
import { violations } from '../src/violation.ts';

describe('ProtocolError', () => {
  it('says what the table says, with the source of the rule', () => {
    const error = new ProtocolError('WS_LENGTH_NOT_MINIMAL');
    const { closeCode, message, source } = violations.WS_LENGTH_NOT_MINIMAL;
    expect(error).toMatchObject({
      name: 'ProtocolError',
      code: 'WS_LENGTH_NOT_MINIMAL',
      closeCode,
    });
    expect(error.message).toBe(`${message} (${source})`);
  });

  it('adds the detail', () => {
    expect(new ProtocolError('WS_RESERVED_OPCODE', '0xb').message).toBe(
      'A frame has a reserved opcode: 0xb (RFC 6455 §5.2)',
    );
  });
});

describe('HandshakeError', () => {
  it('has the status and the header fields of the table', () => {
    const { status, headers, message, source } = refusals.WS_HANDSHAKE_METHOD;
    const error = new HandshakeError('WS_HANDSHAKE_METHOD');
    expect(error).toMatchObject({
      name: 'HandshakeError',
      code: 'WS_HANDSHAKE_METHOD',
      status,
      statusCode: status,
      headers,
      expose: true,
      message: `${message} (${source})`,
    });
  });

  it('takes status, header fields and cause of the response that it is about', () => {
    const cause = new Error('socket hang up');
    const error = new HandshakeError('WS_HANDSHAKE_METHOD', 'not 302', {
      status: 302,
      headers: { location: '/login' },
      cause,
    });
    expect(error).toMatchObject({ status: 302, statusCode: 302, headers: { location: '/login' } });
    expect(error.message).toContain(': not 302');
    expect(error.cause).toBe(cause);
  });
});

describe('UsageError', () => {
  it('says what the table says, and what was given', () => {
    expect(new UsageError('WS_SEND_AFTER_CLOSE').message).toBe(misuses.WS_SEND_AFTER_CLOSE.message);
    const error = new UsageError('WS_INVALID_CLOSE_CODE', 'not 1006');
    expect(error).toMatchObject({ name: 'UsageError', code: 'WS_INVALID_CLOSE_CODE' });
    expect(error.message).toBe(`${misuses.WS_INVALID_CLOSE_CODE.message}: not 1006`);
  });
});

describe('ClosedError', () => {
  it('has one code, and the cause', () => {
    const cause = new ProtocolError('WS_HEARTBEAT_TIMEOUT');
    const error = new ClosedError(cause);
    expect(error).toMatchObject({ name: 'ClosedError', code: 'WS_CLOSED', cause });
    expect(error.message).toBe('The connection has ended');
  });
});

describe('every error of Heddle’s own', () => {
  const errors = [
    new ProtocolError('WS_TEXT_NOT_UTF8'),
    new HandshakeError('WS_HANDSHAKE_METHOD'),
    new UsageError('WS_INVALID_OPTION'),
    new ClosedError(),
  ];

  it.each(errors)('is a WebSocketError and an Error: $name', (error) => {
    expect(error).toBeInstanceOf(WebSocketError);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe(`${error.name}: ${error.message}`);
  });

  it.each(errors)('does not print a cause that it has not: $name', (error) => {
    expect('cause' in error).toBe(false);
    expect(inspect(error)).not.toContain('cause');
  });
});
