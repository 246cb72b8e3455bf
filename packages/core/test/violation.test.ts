import { describe, expect, it } from 'vitest';
import { isSendableCloseCode } from '../src/close-code.ts';
import { connectionViolations, frameViolations, violations } from '../src/violation.ts';

describe.each(Object.entries(violations))(
  'the violation %s',
  (code, { closeCode, source, message }) => {
    it('has a code that can be searched for, and its source', () => {
      expect(code).toMatch(/^WS(_[A-Z\d]+)+$/);
      expect(source).toMatch(/^RFC \d{4} §\d+(\.\d+)*$/);
    });

    it('has a message that begins a sentence and fits into a close frame', () => {
      expect(message).toMatch(/^[A-Z].*[^.:]$/);
      expect(new TextEncoder().encode(message).byteLength).toBeLessThanOrEqual(123);
    });

    it('has a close code that may be sent, or 1006 where nothing is sent', () => {
      expect(isSendableCloseCode(closeCode) || closeCode === 1006).toBe(true);
    });
  },
);

it('every violation is in one table and has words of its own', () => {
  const codes = [...Object.keys(frameViolations), ...Object.keys(connectionViolations)];
  expect(Object.keys(violations)).toEqual(codes);
  const messages = Object.values(violations).map(({ message }) => message);
  expect(new Set(messages).size).toBe(codes.length);
});
