/**
 * Control characters, lone surrogates, spaces of no width, and what turns the direction of the text
 * around it: with U+202E in it, `photo…gpj.exe` is shown as `photo…exe.jpg`. The joiners stay (U+200C and U+200D):
 * Persian names and many emoji need them.
 */
const DECEPTIVE = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** One line of text that looks like what it is. */
export function toPlainText(input: string): string {
  const line = input.normalize('NFC').replace(/\s/gu, ' ');
  return line.replace(DECEPTIVE, '').replace(/ +/gu, ' ').trim();
}
