import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';

type Field = readonly [name: string, value: OutgoingHttpHeader];

/** What `writeHead` takes: an object, a list of pairs, or a list of names and values in turn. */
export type HeadersArgument = OutgoingHttpHeaders | readonly (OutgoingHttpHeader | Field)[];

/** The arguments of `writeHead` behind the status. */
export type WriteHeadArguments = readonly [
  statusMessageOrHeaders?: string | HeadersArgument | undefined,
  headers?: HeadersArgument | undefined,
];

/** Moves the header fields of a `writeHead` to the response; returns the status message, if any. */
export function takeArguments(
  response: ServerResponse,
  [first, second]: WriteHeadArguments,
): string | undefined {
  const message = typeof first === 'string' ? first : undefined;
  const headers = typeof first === 'string' ? second : (second ?? first);
  // As in Node, these fields replace those set before, but a list may repeat a name.
  const fields = listFields(headers ?? {});
  for (const [name] of fields) response.removeHeader(name);
  for (const [name, value] of fields) {
    response.appendHeader(name, typeof value === 'number' ? String(value) : value);
  }
  return message;
}

function listFields(headers: HeadersArgument): readonly Field[] {
  if (isList(headers)) return headers.every(isField) ? headers : pairUp(headers);
  const fields: Field[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) fields.push([name, value]);
  }
  return fields;
}

/** (`Array.isArray` alone does not tell a read-only list from an object.) */
function isList(headers: HeadersArgument): headers is readonly (OutgoingHttpHeader | Field)[] {
  return Array.isArray(headers);
}

function isField(entry: OutgoingHttpHeader | Field): entry is Field {
  return Array.isArray(entry);
}

/** `[name, value, name, value, …]` as pairs. */
function pairUp(list: readonly (OutgoingHttpHeader | Field)[]): readonly Field[] {
  const fields: Field[] = [];
  for (let index = 0; index + 1 < list.length; index += 2) {
    fields.push([String(list[index]), list[index + 1] as OutgoingHttpHeader]);
  }
  return fields;
}
