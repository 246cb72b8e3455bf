import { toBytes } from '@heddle/testing';

/** As many of the same octet are written as `61*300`. */
const LEAST_RUN = 8;

/** Bytes as a person reads them: `81 05 48`, with `61*300` for 300 times the same. */
export function formatByteText(bytes: Uint8Array): string {
  const words: string[] = [];
  for (let start = 0; start < bytes.byteLength; ) {
    const octet = bytes[start];
    let end = start + 1;
    while (end < bytes.byteLength && bytes[end] === octet) end++;
    const word = (octet ?? 0).toString(16).padStart(2, '0');
    const run = end - start;
    if (run < LEAST_RUN) words.push(...Array<string>(run).fill(word));
    else words.push(`${word}*${run}`);
    start = end;
  }
  return words.join(' ');
}

/** The opposite of `formatByteText`. Throws a `TypeError` if that is no such text. */
export function parseByteText(text: string): Uint8Array {
  const parts = text.split(' ').map((word) => {
    const [octet = '', count = '1'] = word.split('*');
    return new Uint8Array(Buffer.alloc(Number(count) * (octet === '' ? 0 : 1), toBytes(octet)));
  });
  return new Uint8Array(Buffer.concat(parts));
}
