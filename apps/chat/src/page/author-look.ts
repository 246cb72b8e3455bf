const HUES = 12;

/**
 * The hue (in degrees, for `oklch`) that goes with an author, in everybody's page. Lightness and
 * chroma are the style sheet's, which knows what can be read on its background.
 */
export function authorHue(author: string): number {
  let hash = 0;
  for (const character of author) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return ((hash % HUES) * 360) / HUES + 15;
}

/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.split(/[\s-]+/u).filter((word) => word !== '');
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return letters
    .map((word) => firstCharacter(word ?? ''))
    .join('')
    .toLocaleUpperCase();
}

/** What a reader takes for one character: an emoji of several code points is one. */
function firstCharacter(word: string): string {
  const [first] = new Intl.Segmenter().segment(word);
  return first?.segment ?? '';
}
