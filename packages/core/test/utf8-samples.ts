/**
 * Sequences at the borders of UTF-8 (RFC 3629 §4), after the kinds of Markus Kuhn's stress test: the
 * first and last of each length, surrogates, what is not Unicode, lone continuation octets, cut
 * sequences, impossible octets and overlong forms. `true` is valid.
 */
export const UTF8_SAMPLES: readonly (readonly [name: string, hex: string, valid: boolean])[] = [
  ['nothing', '', true],
  ['the Greek word kosme', 'ce ba e1 bd b9 cf 83 ce bc ce b5', true],
  ['a byte order mark, which is a character like others', 'ef bb bf 41', true],
  ['U+0000', '00', true],
  ['U+007F', '7f', true],
  ['U+0080', 'c2 80', true],
  ['U+07FF', 'df bf', true],
  ['U+0800', 'e0 a0 80', true],
  ['U+D7FF, below the surrogates', 'ed 9f bf', true],
  ['U+E000, above the surrogates', 'ee 80 80', true],
  ['U+FFFD', 'ef bf bd', true],
  ['U+FFFE, no character but a scalar value', 'ef bf be', true],
  ['U+FFFF', 'ef bf bf', true],
  ['U+10000', 'f0 90 80 80', true],
  ['U+1F600', 'f0 9f 98 80', true],
  ['U+1FFFF', 'f0 9f bf bf', true],
  ['U+10FFFF', 'f4 8f bf bf', true],
  ['all lengths in a row', '41 c3 a9 e2 82 ac f0 9f 98 80 41', true],

  ['U+110000, above Unicode', 'f4 90 80 80', false],
  ['U+1FFFFF, of four octets', 'f7 bf bf bf', false],
  ['a form of five octets', 'f8 88 80 80 80', false],
  ['a form of six octets', 'fc 84 80 80 80 80', false],
  ['the last form of six octets', 'fd bf bf bf bf bf', false],
  ['the octet fe', 'fe', false],
  ['the octet ff', 'ff', false],
  ['the octets fe fe ff ff', 'fe fe ff ff', false],

  ['the first continuation octet alone', '80', false],
  ['the last continuation octet alone', 'bf', false],
  ['two continuation octets', '80 bf', false],
  ['six continuation octets', '80 bf 80 bf 80 bf', false],
  ['a continuation octet too many', 'c3 a9 80', false],
  ['a continuation octet too many after four', 'f0 9f 98 80 80', false],

  ['a lead of two and a space', 'c3 20', false],
  ['a lead of three and a space', 'e1 20', false],
  ['a lead of four and a space', 'f1 20', false],
  ['a lead after a lead', 'c3 c3 a9', false],

  ['two octets cut', 'c3', false],
  ['three octets cut after one', 'e2', false],
  ['three octets cut after two', 'e2 82', false],
  ['four octets cut after one', 'f0', false],
  ['four octets cut after two', 'f0 9f', false],
  ['four octets cut after three', 'f0 9f 98', false],
  ['cut sequences in a row', 'c0 e0 80 f0 80 80', false],
  ['a cut sequence with text behind it', 'e2 82 41', false],
  ['a cut sequence of four with text behind it', 'f0 9f 98 41', false],

  ['a slash in two octets', 'c0 af', false],
  ['a slash in three octets', 'e0 80 af', false],
  ['a slash in four octets', 'f0 80 80 af', false],
  ['a slash in five octets', 'f8 80 80 80 af', false],
  ['a slash in six octets', 'fc 80 80 80 80 af', false],
  ['U+007F in two octets', 'c1 bf', false],
  ['U+07FF in three octets', 'e0 9f bf', false],
  ['U+FFFF in four octets', 'f0 8f bf bf', false],
  ['U+0000 in two octets', 'c0 80', false],
  ['U+0000 in three octets', 'e0 80 80', false],
  ['U+0000 in four octets', 'f0 80 80 80', false],

  ['U+D800, the first surrogate', 'ed a0 80', false],
  ['U+DB7F', 'ed ad bf', false],
  ['U+DBFF, the last high surrogate', 'ed af bf', false],
  ['U+DC00, the first low surrogate', 'ed b0 80', false],
  ['U+DFFF, the last surrogate', 'ed bf bf', false],
  ['a pair of surrogates, as CESU-8 writes U+10000', 'ed a0 80 ed b0 80', false],
];

/** Octets on both sides of every border that the grammar draws. */
export const BORDER_OCTETS: readonly number[] = [
  0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec,
  0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff,
];
