import fc from 'fast-check';
import type { MessageLimits } from '../src/limits.ts';
import { type ViolationCode, violations } from '../src/violation.ts';
import { type Event, messageEvent, type Role, toEndpoint } from './endpoint.ts';
import { type FrameFields, frameBytes } from './frame-bytes.ts';
import { joinBytes, toHex } from './hex.ts';

/** What a peer sends, and what must come of it. */
export interface Stream {
  readonly bytes: Uint8Array;
  readonly events: readonly Event[];
}

/** Small, so that streams that break them are small too. Valid streams keep to them. */
export const STREAM_LIMITS: MessageLimits = { maxMessageBytes: 2000, maxFragments: 12 };

/** Frames and events of whole messages and pings and pongs, none of them wrong. */
interface Part {
  readonly frames: readonly FrameFields[];
  readonly events: readonly Event[];
}

const maskingKey = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })));

const control: fc.Arbitrary<Part> = fc
  .record({ opcode: fc.constantFrom(9, 10), payload: fc.uint8Array({ maxLength: 125 }) })
  .map((frame) => {
    const payload = toHex(frame.payload);
    return {
      frames: [frame],
      events: [frame.opcode === 9 ? { ping: payload } : { pong: payload }],
    };
  });

/** All planes of Unicode, and long runs of ASCII. */
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 400 }));

/** Lengths on both sides of where the form of the length changes, as far as the limit lets. */
const binary = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .constantFrom(125, 126, 127, 1999, 2000)
    .map((length) => Uint8Array.from({ length }, (_, index) => index * 7)),
);

const message: fc.Arbitrary<Part> = fc
  .record({
    content: fc.oneof(text, binary),
    cuts: fc.array(fc.nat(), { maxLength: 10 }),
    between: fc.array(fc.option(control, { nil: undefined, freq: 2 }), { maxLength: 10 }),
  })
  .map(({ content, cuts, between }) => {
    const payload = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const opcode = typeof content === 'string' ? 1 : 2;
    const pieces = cutAt(payload, cuts);
    const frames: FrameFields[] = [];
    const events: Event[] = [];
    for (const [index, piece] of pieces.entries()) {
      const fin = index === pieces.length - 1;
      frames.push({ fin, opcode: index === 0 ? opcode : 0, payload: piece });
      const interlude = fin ? undefined : between[index];
      frames.push(...(interlude?.frames ?? []));
      events.push(...(interlude?.events ?? []));
    }
    return { frames, events: [...events, messageEvent(content)] };
  });

const parts = fc.array(fc.oneof({ weight: 3, arbitrary: message }, control), { maxLength: 8 });

/** How a stream may end: in the open, or with a close frame that says this. */
const ending = fc.option(
  fc.record({
    code: fc.constantFrom(undefined, 1000, 1001, 1007, 1014, 3000, 4999),
    reason: fc.string({ unit: 'binary', maxLength: 30 }),
  }),
  { nil: undefined },
);

/** A stream without a fault. What comes after a close frame is noise. */
export function validStream(role: Role): fc.Arbitrary<Stream> {
  return fc
    .record({ parts, ending, key: maskingKey, noise: fc.uint8Array({ maxLength: 20 }) })
    .map(({ parts: all, ending: close, key, noise }) => {
      const masked = role === 'server' ? { maskingKey: key } : {};
      const frames = all.flatMap((part) => part.frames);
      const bytes = frames.map((frame) => frameBytes({ ...frame, ...masked }));
      const events = all.flatMap((part) => part.events);
      if (close === undefined) return { bytes: joinBytes(bytes), events };
      const { code, reason } = close;
      const told = code === undefined ? { close: 1005, reason: '' } : { close: code, reason };
      bytes.push(frameBytes({ opcode: 8, payload: closePayload(code, reason), ...masked }), noise);
      return { bytes: joinBytes(bytes), events: [...events, told, ...serverEnd(role)] };
    });
}

/** A stream that goes well up to one violation, with noise behind it. */
export function invalidStream(role: Role): fc.Arbitrary<Stream & { readonly code: ViolationCode }> {
  return fc
    .record({
      parts,
      key: maskingKey,
      fault: fc.constantFrom(...faults(role)),
      noise: fc.uint8Array({ maxLength: 40 }),
    })
    .map(({ parts: all, key, fault, noise }) => {
      const masked = role === 'server' ? { maskingKey: key } : {};
      const frames = all.flatMap((part) => part.frames);
      const valid = frames.map((frame) => frameBytes({ ...frame, ...masked }));
      const { code, bytes, events = [] } = fault;
      const { closeCode } = violations[code];
      return {
        code,
        bytes: joinBytes([...valid, bytes, noise]),
        events: [
          ...all.flatMap((part) => part.events),
          ...events,
          { fail: code, closeCode },
          'end',
        ],
      };
    });
}

interface Fault {
  readonly code: ViolationCode;
  readonly bytes: Uint8Array;
  /** What is still reported before the fault. */
  readonly events?: readonly Event[];
}

/** One fault of each kind that bytes can have, and some in a second form. */
function faults(role: Role): readonly Fault[] {
  const frame = (fields: FrameFields): Uint8Array => toEndpoint(role, fields);
  const fault = (code: ViolationCode, ...all: readonly FrameFields[]): Fault => ({
    code,
    bytes: joinBytes(all.map(frame)),
  });
  const maskBit = role === 'server' ? 0x80 : 0;
  const raw = (code: ViolationCode, ...octets: readonly number[]): Fault => ({
    code,
    bytes: Uint8Array.from(octets),
  });
  const start = { fin: false, opcode: 1, payload: Uint8Array.of(0x41) };
  return [
    fault('WS_RESERVED_BITS', { opcode: 1, rsv: 4 }),
    fault('WS_RESERVED_BITS', { opcode: 9, rsv: 1 }),
    fault('WS_RESERVED_OPCODE', { opcode: 3 }),
    fault('WS_RESERVED_OPCODE', { opcode: 15 }),
    role === 'server'
      ? raw('WS_FRAME_NOT_MASKED', 0x81, 0x01, 0x41)
      : raw('WS_FRAME_MASKED', 0x81, 0x81, 0, 0, 0, 0, 0x41),
    raw('WS_LENGTH_NOT_MINIMAL', 0x82, maskBit + 126, 0, 125),
    raw('WS_LENGTH_NOT_MINIMAL', 0x82, maskBit + 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff),
    raw('WS_LENGTH_OVERFLOW', 0x82, maskBit + 127, 0x80, 0, 0, 0, 0, 0, 0, 0),
    fault('WS_CONTROL_FRAME_FRAGMENTED', { opcode: 9, fin: false }),
    raw('WS_CONTROL_FRAME_TOO_BIG', 0x8a, maskBit + 126, 0, 126),
    fault('WS_CONTINUATION_WITHOUT_MESSAGE', { opcode: 0 }),
    fault('WS_MESSAGE_INTERRUPTED', start, { opcode: 2 }),
    fault('WS_CLOSE_PAYLOAD_TRUNCATED', { opcode: 8, payload: Uint8Array.of(3) }),
    fault('WS_CLOSE_CODE_INVALID', { opcode: 8, payload: closePayload(1005, 'x') }),
    fault('WS_CLOSE_REASON_NOT_UTF8', { opcode: 8, payload: Uint8Array.of(3, 232, 65, 255, 65) }),
    fault('WS_TEXT_NOT_UTF8', { opcode: 1, payload: Uint8Array.of(65, 0xed, 0xa0, 0x80, 65) }),
    fault('WS_TEXT_NOT_UTF8', start, { opcode: 0, payload: Uint8Array.of(0xe2, 0x82) }),
    fault('WS_TEXT_NOT_UTF8', { opcode: 1, payload: longTextEndingBadly() }),
    fault('WS_MESSAGE_TOO_BIG', { opcode: 2, payload: new Uint8Array(2001) }),
    fault('WS_MESSAGE_TOO_BIG', start, { opcode: 0, payload: new Uint8Array(2000) }),
    fault('WS_TOO_MANY_FRAGMENTS', start, ...Array(12).fill({ fin: false, opcode: 0 })),
  ];
}

/** Long enough for a runtime's own validator to be asked. */
function longTextEndingBadly(): Uint8Array {
  return new Uint8Array(300).fill(0x41).with(299, 0xc0);
}

function serverEnd(role: Role): readonly Event[] {
  return role === 'server' ? ['end'] : [];
}

export function closePayload(code: number | undefined, reason: string): Uint8Array {
  if (code === undefined) return new Uint8Array(0);
  return joinBytes([Uint8Array.of(code >> 8, code & 255), new TextEncoder().encode(reason)]);
}

/** `bytes` in pieces; `cuts` are any numbers, and some pieces may be empty. */
export function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const offsets = cuts.map((cut) => cut % (bytes.byteLength + 1)).sort((a, b) => a - b);
  const bounds = [0, ...offsets, bytes.byteLength];
  return bounds.slice(1).map((end, index) => bytes.slice(bounds[index], end));
}
