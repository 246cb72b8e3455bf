/**
 * `text` as a terminal may show it: a server's words must not move the cursor or change the title of the
 * window. Control characters become visible ones.
 */
export function printable(text: string): string {
  return text.replaceAll(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
