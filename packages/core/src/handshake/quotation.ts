const MAX_LENGTH = 40;

/**
 * `value` in quotation marks, for an error's message: its first 40 characters, with everything
 * but printable ASCII escaped. A peer chooses the value, and messages end up in logs and
 * terminals: it must neither fill nor forge them.
 */
export function quote(value: string): string {
  const length = Math.min(value.length, MAX_LENGTH);
  let text = '';
  for (let index = 0; index < length; index += 1) text += escaped(value.charCodeAt(index));
  return length < value.length ? `"${text}"…` : `"${text}"`;
}

function escaped(code: number): string {
  const character = String.fromCharCode(code);
  if (character === '"' || character === '\\') return `\\${character}`;
  return code >= 0x20 && code <= 0x7e ? character : `\\u{${code.toString(16)}}`;
}
