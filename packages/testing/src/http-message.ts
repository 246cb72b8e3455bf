import type { ByteReader } from './byte-reader.ts';
import { textBytes } from './bytes.ts';

/** The fields of a request or response, in order, with those that come several times. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** A response as it came: nothing is joined, dropped or corrected. */
export interface HttpResponse {
  /** As `HTTP/1.1`; `HTTP/2` has no other. */
  readonly version: string;
  readonly status: number;
  /** Empty over HTTP/2 (RFC 9113 §8.3.2). */
  readonly reason: string;
  readonly headers: HeaderList;
  /** The field's values, joined by `, ` if there are several; `undefined` if it did not come. */
  header(name: string): string | undefined;
  /** Empty for an accepted handshake and for the answer to a HEAD. */
  readonly body: string;
}

/** A request as it came. */
export interface HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly headers: HeaderList;
  header(name: string): string | undefined;
  readonly body: string;
}

/** Takes a whole response. `method` is that of the request: the answer to a HEAD has no body. */
export async function takeResponse(reader: ByteReader, method: string): Promise<HttpResponse> {
  const { startLine, headers, header } = await takeHead(reader, 'A response');
  const [version = '', status = '', ...reason] = startLine.split(' ');
  const bodiless = method === 'HEAD' || /^(1..|204|304)$/.test(status);
  const body = bodiless ? '' : await takeBody(reader, header, true);
  return { version, status: Number(status), reason: reason.join(' '), headers, header, body };
}

/** The same for a response that did not come as text. */
export function responseOf(
  response: Omit<HttpResponse, 'header' | 'body'> & { readonly body: Uint8Array },
): HttpResponse {
  const { headers, body } = response;
  return { ...response, header: (name) => fieldOf(headers, name), body: decode(body) };
}

/** Takes a whole request. */
export async function takeRequest(reader: ByteReader): Promise<HttpRequest> {
  const { startLine, headers, header } = await takeHead(reader, 'A request');
  const [method = '', target = '', version = ''] = startLine.split(' ');
  return { method, target, version, headers, header, body: await takeBody(reader, header, false) };
}

interface Head {
  readonly startLine: string;
  readonly headers: HeaderList;
  readonly header: (name: string) => string | undefined;
}

async function takeHead(reader: ByteReader, wanted: string): Promise<Head> {
  const bytes = await reader.takeThrough(textBytes('\r\n\r\n'), wanted);
  const [startLine = '', ...lines] = Buffer.from(bytes).toString('latin1').trimEnd().split('\r\n');
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return { startLine, headers, header: (name) => fieldOf(headers, name) };
}

function fieldOf(headers: HeaderList, name: string): string | undefined {
  const values = headers.filter(([key]) => key.toLowerCase() === name.toLowerCase());
  return values.length === 0 ? undefined : values.map(([, value]) => value).join(', ');
}

/** RFC 9112 §6.3: chunked, then `Content-Length`; a response without either lasts until its stream ends. */
async function takeBody(
  reader: ByteReader,
  header: Head['header'],
  untilEnd: boolean,
): Promise<string> {
  if (header('Transfer-Encoding') === 'chunked') return takeChunks(reader);
  const length = header('Content-Length');
  if (length !== undefined) return decode(await reader.take(Number(length), 'The whole body'));
  return untilEnd ? decode(await reader.takeAll('The end of the body')) : '';
}

async function takeChunks(reader: ByteReader): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const line = await reader.takeThrough(textBytes('\r\n'), 'The length of a chunk');
    const length = Number.parseInt(decode(line), 16);
    const data = await reader.take(length + 2, `A chunk of ${length} bytes`);
    if (length === 0) return Buffer.concat(chunks).toString();
    chunks.push(data.subarray(0, length));
  }
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}
