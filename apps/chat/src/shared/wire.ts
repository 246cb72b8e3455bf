/**
 * What page and server say to each other: JSON, one object per message, on `/r/<room>/socket`.
 *
 *     page                                          server
 *      │── join { key, name, after? } ───────────────▶│  first, once for each connection
 *      │◀──── welcome { you, messages, people, … } ───│  everything after `after`, or the latest
 *      │── say { clientId, text } ───────────────────▶│  written to disk, and then:
 *      │◀──────────────────────── ack { message } ────│    to whoever said it
 *      │                     message { message } ────▶│    to everyone else in the room
 *      │── typing { typing } ────────────────────────▶│  when it begins, and when it ends
 *      │── rename { name } ──────────────────────────▶│
 *      │◀────────── people { people }, typing { … } ──│  whenever either changes
 *      │── earlier { before } ───────────────────────▶│
 *      │◀──────────────── history { messages, … } ────│
 *      │── ping ─────────────────────────────────────▶│  a browser cannot see the protocol's own
 *      │◀─────────────────────────────────── pong ────│  pings, so the page asks for itself
 *      │◀──── error { code, message, clientId? } ─────│  the connection stays open
 *
 * Nothing is lost or doubled, because:
 * 1. `clientId` is chosen by the page and kept until the message is acknowledged; the page repeats
 *    `say` on each new connection until then. The server stores a `clientId` once for each author,
 *    and acknowledges a repetition with what it stored the first time.
 * 2. Messages have ascending ids within a room, and every connection gets them in that order. So the
 *    highest id that a page has seen says all of what it has seen: that is `after`.
 */
import Type, { type Static } from 'typebox';
import { HISTORY_PAGE, MAX_CATCH_UP } from './limits.ts';

/**
 * Far above what the rules for names and texts allow. Those rules are the room's, which can say
 * which message broke them; the schema stops what no page of ours would send.
 */
const MAX_STRING = 8_000;

const Id = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const ClientId = Type.String({ pattern: '^[A-Za-z0-9_-]{8,64}$' });
const AnyText = Type.String({ maxLength: MAX_STRING });

const Join = Type.Object({
  type: Type.Literal('join'),
  /** A secret of the browser, from which the server derives the public `author`. */
  key: Type.String({ pattern: '^[A-Za-z0-9_-]{22,64}$' }),
  name: AnyText,
  /** The highest message id that the page has; absent if it has none. */
  after: Type.Optional(Id),
});

/** What a page may say. */
export const ClientMessage = Type.Union([
  Join,
  Type.Object({ type: Type.Literal('say'), clientId: ClientId, text: AnyText }),
  Type.Object({ type: Type.Literal('typing'), typing: Type.Boolean() }),
  Type.Object({ type: Type.Literal('rename'), name: AnyText }),
  Type.Object({ type: Type.Literal('earlier'), before: Id }),
  Type.Object({ type: Type.Literal('ping') }),
]);
export type ClientMessage = Static<typeof ClientMessage>;

/** A message as it is stored, and as everybody sees it. */
export const Message = Type.Object({
  /** Ascending within a room, without being consecutive. */
  id: Id,
  clientId: ClientId,
  /** The same for everything that one browser says, and for nobody else. */
  author: Type.String(),
  /** The author's name when this was said. */
  name: Type.String(),
  text: Type.String(),
  /** When the server stored it, in milliseconds since 1970. */
  at: Type.Integer(),
});
export type Message = Static<typeof Message>;

const Person = Type.Object({ author: Type.String(), name: Type.String() });
/** Somebody who is in the room, with however many tabs. */
export type Person = Static<typeof Person>;

const ErrorCode = Type.Union([
  Type.Literal('bad_message'),
  Type.Literal('not_joined'),
  Type.Literal('already_joined'),
  Type.Literal('bad_name'),
  Type.Literal('empty'),
  Type.Literal('too_long'),
  Type.Literal('too_fast'),
]);
/** Why the server did not do what it was asked. */
export type ErrorCode = Static<typeof ErrorCode>;

const Refusal = Type.Object({
  type: Type.Literal('error'),
  code: ErrorCode,
  /** A sentence for people. */
  message: Type.String(),
  /** Which `say` it is about. */
  clientId: Type.Optional(ClientId),
  /** With `too_fast`: how long to wait before saying it again. */
  retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
});
/** The server did not do what it was asked, and says why. */
export type Refusal = Static<typeof Refusal>;

const Welcome = Type.Object({
  type: Type.Literal('welcome'),
  /** The author under which this page speaks. */
  you: Type.String(),
  people: Type.Array(Person),
  typing: Type.Array(Type.String()),
  messages: Type.Array(Message, { maxItems: Math.max(HISTORY_PAGE, MAX_CATCH_UP) }),
  /** `messages` do not follow on what the page has: it must forget that first. */
  startsOver: Type.Boolean(),
  /** Only with `startsOver`: there is more before the first of `messages`. */
  more: Type.Boolean(),
});
/** The answer to `join`. */
export type Welcome = Static<typeof Welcome>;

/** What the server may say. */
export const ServerMessage = Type.Union([
  Welcome,
  Type.Object({ type: Type.Literal('ack'), message: Message }),
  Type.Object({ type: Type.Literal('message'), message: Message }),
  Type.Object({ type: Type.Literal('people'), people: Type.Array(Person) }),
  Type.Object({ type: Type.Literal('typing'), authors: Type.Array(Type.String()) }),
  Type.Object({
    type: Type.Literal('history'),
    messages: Type.Array(Message, { maxItems: HISTORY_PAGE }),
    more: Type.Boolean(),
  }),
  Type.Object({ type: Type.Literal('pong') }),
  Refusal,
]);
export type ServerMessage = Static<typeof ServerMessage>;
