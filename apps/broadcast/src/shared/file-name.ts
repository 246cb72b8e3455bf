import { MAX_FILE_NAME_BYTES } from './limits.ts';
import { toPlainText } from './plain-text.ts';

const utf8 = new TextEncoder();

/** What some file system gives a meaning of its own. */
const NOT_IN_FILE_NAMES = /[<>:"|?*]/gu;

/** Dots and spaces at the ends: files that hide, or that Windows cannot name. */
const ENDS = /^[. ]+|[. ]+$/gu;

/**
 * Turns whatever a page calls a file into a name that can be shown and saved anywhere: no path, one
 * line, at most `MAX_FILE_NAME_BYTES`, with its extension. `file` if nothing is left.
 */
export function toFileName(input: string): string {
  const last = input.split(/[/\\]/u).at(-1) ?? '';
  const name = toPlainText(last).replace(NOT_IN_FILE_NAMES, '_').replace(ENDS, '');
  return name === '' ? 'file' : shorten(name);
}

/** Shortens what stands before the extension, by whole characters. */
function shorten(name: string): string {
  const [, stem = name, extension = ''] = /^(.+?)(\.[^.]{1,16})?$/u.exec(name) ?? [];
  const characters = [...stem];
  while (byteLength(characters.join('') + extension) > MAX_FILE_NAME_BYTES) characters.pop();
  return characters.join('') + extension;
}

function byteLength(text: string): number {
  return utf8.encode(text).byteLength;
}
