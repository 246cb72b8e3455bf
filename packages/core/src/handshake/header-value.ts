/**
 * The grammar that header values share, RFC 9110 §5.6, read by hand: regular expressions over a
 * peer's input have brought down other servers (CVE-2020-7662, CVE-2021-32640). Every step moves
 * forward, so the time is linear in the length of the value.
 *
 * RFC 6455 §4.3 writes its grammar in the terms of RFC 2616, which lets white space stand between
 * any two words; RFC 9110 keeps that for recipients ("bad" white space, §5.6.3), and so do we.
 */
export class HeaderCursor {
  readonly #value: string;
  #position = 0;

  constructor(value: string) {
    this.#value = value;
  }

  get atEnd(): boolean {
    return this.#position >= this.#value.length;
  }

  /** Moves past spaces and tabs: OWS, RFC 9110 §5.6.3. */
  skipWhitespace(): void {
    while (isWhitespace(this.#code())) this.#position += 1;
  }

  /** Moves past `character` if it comes next; tells whether it did. */
  take(character: string): boolean {
    if (this.#value.charAt(this.#position) !== character) return false;
    this.#position += 1;
    return true;
  }

  /** The token that starts here, RFC 9110 §5.6.2; `undefined` if none does. */
  token(): string | undefined {
    const start = this.#position;
    while (isTokenCode(this.#code())) this.#position += 1;
    return this.#position === start ? undefined : this.#value.slice(start, this.#position);
  }

  /**
   * What the quoted-string that starts here says, without its quotation marks and backslashes,
   * RFC 9110 §5.6.4; `undefined` if none starts, or it does not end.
   */
  quotedString(): string | undefined {
    if (!this.take('"')) return undefined;
    let text = '';
    while (!this.take('"')) {
      // quoted-pair: a backslash, then any character that can be quoted, `"` and `\` among them.
      this.take('\\');
      if (!isQuotableCode(this.#code())) return undefined;
      text += this.#value.charAt(this.#position);
      this.#position += 1;
    }
    return text;
  }

  /** The code unit here; `NaN`, which compares false with everything, at the end. */
  #code(): number {
    return this.#value.charCodeAt(this.#position);
  }
}

/** A parameter of a list element: its name, and its value if it has one. */
export type Parameter = readonly [name: string, value: string | undefined];

/**
 * The elements of a list that needs one at least: `1#element` of RFC 9110 §5.6.1. `readElement`
 * reads one and leaves the cursor behind it. Returns `undefined` if the value is not such a list.
 */
export function parseList<Element>(
  value: string,
  readElement: (cursor: HeaderCursor) => Element | undefined,
): readonly Element[] | undefined {
  const cursor = new HeaderCursor(value);
  const elements: Element[] = [];
  for (;;) {
    // RFC 9110 §5.6.1.2: a recipient "MUST parse and ignore" empty elements.
    do cursor.skipWhitespace();
    while (cursor.take(','));
    if (cursor.atEnd) return elements.length === 0 ? undefined : elements;

    const element = readElement(cursor);
    if (element === undefined) return undefined;
    elements.push(element);

    cursor.skipWhitespace();
    if (!cursor.atEnd && !cursor.take(',')) return undefined;
  }
}

/** The tokens of `1#token`; `undefined` if the value is anything else. */
export function parseTokenList(value: string): readonly string[] | undefined {
  return parseList(value, (cursor) => cursor.token());
}

/**
 * The parameters that come next: `*( ";" token [ "=" ( token / quoted-string ) ] )`, in their
 * order, repeated ones included. Pairs and not an object, so that a parameter may have any name,
 * `__proto__` too. Returns `undefined` if one is malformed.
 */
export function readParameters(cursor: HeaderCursor): readonly Parameter[] | undefined {
  const parameters: Parameter[] = [];
  for (;;) {
    cursor.skipWhitespace();
    if (!cursor.take(';')) return parameters;
    cursor.skipWhitespace();
    const name = cursor.token();
    if (name === undefined) return undefined;
    cursor.skipWhitespace();
    if (!cursor.take('=')) {
      parameters.push([name, undefined]);
      continue;
    }
    cursor.skipWhitespace();
    const value = cursor.token() ?? cursor.quotedString();
    if (value === undefined) return undefined;
    parameters.push([name, value]);
  }
}

/**
 * Whether the comma-separated `value` names `token`, in whatever case: for `Connection` and
 * `Upgrade`. Elements that are no tokens, as `HTTP/2.0`, do not hide the others.
 */
export function hasToken(value: string, token: string): boolean {
  return value.split(',').some((element) => equalsIgnoringCase(trimWhitespace(element), token));
}

/** Whether all of `value` is one token. */
export function isToken(value: string): boolean {
  const cursor = new HeaderCursor(value);
  return cursor.token() !== undefined && cursor.atEnd;
}

/** `value` without the spaces and tabs around it. (`trim()` would take U+00A0 as well.) */
export function trimWhitespace(value: string): string {
  let start = 0;
  let end = value.length;
  while (isWhitespace(value.charCodeAt(start))) start += 1;
  while (end > start && isWhitespace(value.charCodeAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

/**
 * Whether two strings are equal but for the case of ASCII letters. (`toLowerCase()` would make
 * the Kelvin sign, U+212A, a `k`.)
 */
export function equalsIgnoringCase(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) {
    if (lowerCode(one.charCodeAt(index)) !== lowerCode(other.charCodeAt(index))) return false;
  }
  return true;
}

function lowerCode(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}

function isWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

const TOKEN_CODES: ReadonlySet<number> = new Set(
  Array.from(
    "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    (character) => character.charCodeAt(0),
  ),
);

/** tchar, RFC 9110 §5.6.2: the same characters as RFC 2616's `token`, which §4.1 asks for. */
function isTokenCode(code: number): boolean {
  return TOKEN_CODES.has(code);
}

/** A tab, a space, a visible character or obs-text (0x80–0xFF), RFC 9110 §5.6.4. */
function isQuotableCode(code: number): boolean {
  return code === 0x09 || (code >= 0x20 && code <= 0x7e) || (code >= 0x80 && code <= 0xff);
}
