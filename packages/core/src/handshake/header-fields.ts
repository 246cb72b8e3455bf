import { trimWhitespace } from './header-value.ts';
import { quote } from './quotation.ts';

/**
 * The header fields of a request or response by lower-case name, in the shape of Node's
 * `IncomingHttpHeaders` and `headersDistinct`: an array is a field that came several times.
 *
 * Only own properties are read, so that a name that every object knows is no field. Every field
 * may be absent: Node drops those beyond its `maxHeadersCount` (CVE-2024-37890 of ws).
 */
export type HeaderFields = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The values of every occurrence of the field, without the white space around them. `name` may
 * have its usual spelling: `Sec-WebSocket-Key`.
 */
export function fieldValues(headers: HeaderFields, name: string): readonly string[] {
  const key = name.toLowerCase();
  const value = Object.hasOwn(headers, key) ? headers[key] : undefined;
  if (value === undefined) return [];
  return (typeof value === 'string' ? [value] : value).map(trimWhitespace);
}

/**
 * The field as one list, RFC 9110 §5.3: a field that came several times means the same as one
 * with all the values, separated by commas. `undefined` if it did not come.
 */
export function fieldList(headers: HeaderFields, name: string): string | undefined {
  const values = fieldValues(headers, name);
  return values.length === 0 ? undefined : values.join(', ');
}

/** What came in place of the field's right value, for an error's message. */
export function describeField(headers: HeaderFields, name: string): string {
  const values = fieldValues(headers, name);
  if (values.length === 0) return `${name} did not come`;
  if (values.length > 1) return `${name} came ${values.length} times`;
  return `${name} was ${values.map(quote).join()}`;
}
