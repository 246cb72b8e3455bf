/** Control characters but for tab and newline; and zero-width no-break space, a stray byte order mark. */
const NOT_TEXT = /[^\P{Cc}\t\n]|\ufeff/gu;

/**
 * Turns what somebody typed into the text of a message: lines end in `\n`, no control characters,
 * no blank lines at either end, well-formed Unicode. Page and server both use it, so they count the
 * same characters. Empty if there is nothing to say.
 */
export function toMessageText(input: string): string {
  return input
    .toWellFormed()
    .replace(/\r\n?/gu, '\n')
    .replace(NOT_TEXT, '')
    .replace(/^(?:[^\S\n]*\n)+/u, '')
    .trimEnd();
}
