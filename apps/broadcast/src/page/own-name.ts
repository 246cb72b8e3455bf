import { toDisplayName } from '../shared/display-name.ts';

const KEY = 'heddle-broadcast:name';

/** What weavers dye with, and what lives near water mills: a name for whoever has not chosen one. */
const COLOURS = ['Indigo', 'Madder', 'Saffron', 'Walnut', 'Woad', 'Ochre', 'Russet', 'Sorrel'];
const ANIMALS = ['Heron', 'Otter', 'Wagtail', 'Vole', 'Dipper', 'Newt', 'Swift', 'Minnow'];

/** The name that was used last in this browser; a made-up one on the first visit. */
export function ownName(): string {
  const name = toDisplayName(read() ?? '') ?? `${oneOf(COLOURS)} ${oneOf(ANIMALS)}`;
  rememberName(name);
  return name;
}

/** Remembers a name for the next visit, where the browser allows it. */
export function rememberName(name: string): void {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // It is kept as long as the page is open.
  }
}

function read(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

function oneOf(words: readonly string[]): string {
  return words[Math.floor(Math.random() * words.length)] ?? '';
}
