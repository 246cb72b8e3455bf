import { isDeepStrictEqual } from 'node:util';
import {
  type DeflateOptions,
  type ExtensionOffer,
  formatExtensions,
  negotiateExtensions,
  parseExtensions,
  serverDeflate,
} from '@heddle/core';
import fc from 'fast-check';
import { extensionValues } from './header-arbitrary.ts';
import { defineTarget } from './target.ts';
import { ws } from './ws-receiver.ts';

/** A client's `Sec-WebSocket-Extensions`, and what the server would like. */
export interface ExtensionsInput {
  readonly value: string;
  readonly wanted: DeflateOptions;
}

const inputs: fc.Arbitrary<ExtensionsInput> = fc.record({
  value: extensionValues,
  wanted: fc.record(
    {
      serverNoContextTakeover: fc.boolean(),
      clientNoContextTakeover: fc.boolean(),
      serverMaxWindowBits: fc.integer({ min: 9, max: 15 }),
      clientMaxWindowBits: fc.integer({ min: 8, max: 15 }),
    },
    { requiredKeys: [] },
  ),
});

/** What we read, we write the same; what `ws` reads, we read the same; and no answer exceeds its offer. */
export const extensionsTarget = defineTarget({ name: 'extensions', inputs, check });

function check({ value, wanted }: ExtensionsInput): void {
  const offers = parseExtensions(value);
  const theirs = parseTheirs(value);
  if (theirs !== undefined && !isDeepStrictEqual(offers && groupOf(offers), theirs)) {
    throw new Error(`ws reads ${JSON.stringify(theirs)}, and we ${JSON.stringify(offers)}`);
  }
  if (offers === undefined) return;
  if (!isDeepStrictEqual(parseExtensions(formatExtensions(offers)), offers)) {
    throw new Error('it changes when it is formatted');
  }
  for (const { parameters } of negotiateExtensions(offers, [serverDeflate(wanted)])) {
    const allowed = offers.some((offer) => keepsTo(parameters, offer.parameters));
    if (!allowed) throw new Error(`no offer allows ${JSON.stringify(parameters)}`);
  }
}

type Parameters = ExtensionOffer['parameters'];

/** RFC 7692 §7.1: what an answer must repeat, must not exceed, and must not say unasked. */
function keepsTo(answer: Parameters, offer: Parameters): boolean {
  const [answered, offered] = [new Map(answer), new Map(offer)];
  const flags = ['server_no_context_takeover', 'client_no_context_takeover'];
  const bits = (all: Map<string, string | undefined>, name: string) => Number(all.get(name) ?? 15);
  const sizes = ['server_max_window_bits', 'client_max_window_bits'];
  return (
    flags.every((name) => !offered.has(name) || answered.has(name)) &&
    sizes.every((name) => bits(answered, name) <= bits(offered, name)) &&
    (offered.has('client_max_window_bits') || !answered.has('client_max_window_bits'))
  );
}

/** By extension, and of each offer by parameter, in the form of `ws`, without regard to the order of names. */
type Groups = Readonly<Record<string, readonly Readonly<Record<string, readonly unknown[]>>[]>>;

function parseTheirs(value: string): Groups | undefined {
  try {
    return plain(ws.extension.parse(value));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function groupOf(offers: readonly ExtensionOffer[]): Groups {
  return plain(group(offers.map(({ name, parameters }) => [name, group(parameters.map(valued))])));
}

function valued([name, value]: Parameters[number]): readonly [string, string | true] {
  return [name, value ?? true];
}

/** The values of each name, in their order. (`fromEntries` makes `__proto__` a name as others.) */
function group<T>(
  pairs: readonly (readonly [string, T])[],
): Readonly<Record<string, readonly T[]>> {
  const groups = new Map<string, T[]>();
  for (const [name, value] of pairs) groups.set(name, [...(groups.get(name) ?? []), value]);
  return Object.fromEntries(groups);
}

/** With prototypes, and in the way of JSON, so that it can be compared. */
function plain(groups: Groups): Groups {
  return JSON.parse(JSON.stringify(groups));
}
