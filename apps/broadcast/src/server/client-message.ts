import type { ClientMessage } from '../shared/wire.ts';

/** Far above what any message of ours has. */
const MAX_MESSAGE_LENGTH = 8_000;

/** Far above what the rules for names allow, which shorten or replace what is longer. */
const MAX_TEXT_LENGTH = 1_000;

type Check = (value: unknown) => boolean;
type Of<T extends ClientMessage['type']> = Extract<ClientMessage, { readonly type: T }>;

const text: Check = (value) => typeof value === 'string' && value.length <= MAX_TEXT_LENGTH;
const count: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const sha256: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/u.test(value);

/** What each message has besides its type. A message or a field left out does not compile. */
const shapes: {
  readonly [T in ClientMessage['type']]: Readonly<Record<Exclude<keyof Of<T>, 'type'>, Check>>;
} = {
  rename: { name: text },
  offer: { ref: count, name: text, size: count },
  end: { id: count, sha256 },
  want: { id: count, from: count },
  ack: { id: count, bytes: count },
  received: { id: count, sha256 },
  cancel: { id: count },
  ping: {},
};

/** Reads what a page says; `undefined` if it is nothing that a page of ours says. */
export function parseClientMessage(json: string): ClientMessage | undefined {
  if (json.length > MAX_MESSAGE_LENGTH) return undefined;
  const value = parseJson(json);
  return isClientMessage(value) ? value : undefined;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isClientMessage(value: unknown): value is ClientMessage {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const type = fields.get('type');
  if (typeof type !== 'string') return false;
  const shape = new Map<string, Readonly<Record<string, Check>>>(Object.entries(shapes)).get(type);
  if (shape === undefined) return false;
  return Object.entries(shape).every(([name, check]) => check(fields.get(name)));
}
