import fc from 'fast-check';
import { formatByteText } from './byte-text.ts';
import { Compressor } from './deflate-arbitrary.ts';
import { mutations } from './mutation.ts';
import { seldom } from './seldom.ts';
import type { DeflateForm, Role, StreamCase, WireFrame } from './stream-case.ts';
import { anything, closes, compressed, controls, messages, type Part } from './stream-parts.ts';

const forms: fc.Arbitrary<DeflateForm> = fc.record({
  takeover: fc.boolean(),
  windowBits: fc.constantFrom(15, 9, 12),
});

const keys = fc.array(
  fc.oneof(
    fc.constantFrom('37 fa 21 3d', '00 00 00 00', '00 00 00 01', 'ff ff ff ff'),
    fc.uint8Array({ minLength: 4, maxLength: 4 }).map(formatByteText),
  ),
  { minLength: 1, maxLength: 3 },
);

/** Streams to endpoints of both roles; `deflate` has all of them negotiate permessage-deflate, or none. */
export function streamCases(deflate: boolean): fc.Arbitrary<StreamCase> {
  const plain = [
    { weight: 6, arbitrary: messages },
    { weight: 2, arbitrary: controls.map((frame): Part => [frame]) },
    { weight: 1, arbitrary: closes },
    { weight: 1, arbitrary: anything },
  ];
  const parts = fc.oneof(...plain, { weight: deflate ? 10 : 0, arbitrary: compressed });
  return fc
    .record({
      role: fc.constantFrom<Role>('server', 'client'),
      maxMessageBytes: fc.constantFrom(70_000, 70_000, 300),
      form: forms,
      all: fc.array(parts, { minLength: 1, maxLength: 5 }),
      keys,
      wronglyMasked: seldom(undefined, 20, fc.nat(4)),
      wronglyMarked: seldom(undefined, 10, fc.record({ index: fc.nat(4), rsv: fc.nat(7) })),
      mutations,
      cuts: fc.array(fc.oneof(fc.nat(40), fc.nat(400), fc.nat(70_000)), { maxLength: 6 }),
    })
    .map(({ form, all, keys: maskingKeys, wronglyMasked, wronglyMarked, ...rest }) => {
      const compressor = new Compressor(form);
      const drafts = all.flatMap((part) => (typeof part === 'function' ? part(compressor) : part));
      const frames = drafts.map((draft, index): WireFrame => {
        const masked = (rest.role === 'server') !== (index === wronglyMasked);
        const maskingKey = maskingKeys[index % maskingKeys.length];
        const rsv = index === wronglyMarked?.index ? wronglyMarked.rsv : draft.rsv;
        return { ...draft, rsv, ...(masked && maskingKey !== undefined && { maskingKey }) };
      });
      return { ...rest, ...(deflate && { deflate: form }), frames };
    });
}
