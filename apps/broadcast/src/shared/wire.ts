/**
 * What page and server say to each other on `/socket?name=…`: JSON, one object per message, and the
 * files themselves as binary messages (`chunk.ts`).
 *
 *     sender                        server                       receiver
 *      │◀── welcome { you, people, … } ──│── welcome { … } ───────────▶│  first, on each connection
 *      │── offer { ref, name, size } ───▶│                             │
 *      │◀── accepted { ref, id } ────────│── incoming { id, … } ──────▶│  or refused { ref, … }
 *      │                                 │◀── want { id, from } ───────│  `from` bytes are here already
 *      │══ chunk ═══════════════════════▶│══ chunk ═══════════════════▶│
 *      │◀── taken { id, bytes } ─────────│◀── ack { id, bytes } ───────│
 *      │── end { id, sha256 } ──────────▶│── complete { id, … } ──────▶│
 *      │◀── stored { id, sha256 } ───────│◀── received { id, sha256 } ─│
 *      │◀── progress { id, receivers } ──│                             │  a few times each second
 *      │◀── delivered { id, receivers } ─│                             │  nobody is left to receive it
 *      │── cancel { id } ───────────────▶│── ended { id, … } ─────────▶│  the sender's is for all,
 *      │                                 │◀── cancel { id } ───────────│  a receiver's for itself
 *
 * Both directions of a file have a window: a sender is at most `WINDOW_BYTES` ahead of `taken`, which
 * says what is on the server's disk; the server is as far ahead of a receiver's `ack`, which says
 * what it has taken. The server holds no queue for anybody: a receiver is a position in the file on
 * its disk, so the slowest of them delays nobody else and costs no memory, and one that comes late,
 * or comes back, starts where it wants to.
 */

/** What a page may say. What is not of this form, or not its turn, ends the connection (1008). */
export type ClientMessage =
  | { readonly type: 'rename'; readonly name: string }
  /** `ref` is the page's own number for the file, until the answer brings an `id`. */
  | { readonly type: 'offer'; readonly ref: number; readonly name: string; readonly size: number }
  | { readonly type: 'end'; readonly id: number; readonly sha256: string }
  /** `from` is where a chunk begins. */
  | { readonly type: 'want'; readonly id: number; readonly from: number }
  /** `bytes` counts from the start of the file. */
  | { readonly type: 'ack'; readonly id: number; readonly bytes: number }
  | { readonly type: 'received'; readonly id: number; readonly sha256: string }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'ping' };

/** Somebody who has the page open. */
export interface PersonInfo {
  readonly id: number;
  readonly name: string;
}

/** How those are doing to whom a file goes. Who has left or cancelled is not counted. */
export interface Receivers {
  readonly total: number;
  /** How many have all of it, the same as the server. */
  readonly have: number;
  /** How many have all of it, and something else than the server. */
  readonly different: number;
  /** How many bytes the slowest has taken. */
  readonly slowestBytes: number;
}

/** Why a file was not taken. */
export type RefusalCode = 'alone' | 'too_big' | 'too_many' | 'busy' | 'no_space' | 'spool_failed';

/** Why a file will not arrive. */
export type EndCode =
  | 'cancelled'
  | 'sender_left'
  | 'sender_stalled'
  | 'you_stalled'
  | 'nobody_left'
  | 'spool_failed';

/** Why the server does not talk to this page. */
export type GoodbyeCode = 'full' | 'bad_message';

/** The answer to an `offer` that is not taken. */
export interface Refused {
  readonly type: 'refused';
  readonly ref: number;
  readonly code: RefusalCode;
  /** A sentence for people, as in all messages. */
  readonly message: string;
}

/** A file that is on its way. Whoever wants it says so with `want`; who does not, with `cancel`. */
export interface IncomingInfo {
  readonly type: 'incoming';
  readonly id: number;
  /** The name of who sends it. */
  readonly from: string;
  readonly name: string;
  readonly size: number;
}

/** The first message on each connection. */
export interface Welcome {
  readonly type: 'welcome';
  readonly you: number;
  readonly people: readonly PersonInfo[];
  /** What is on its way already. */
  readonly incoming: readonly IncomingInfo[];
  /** The same until the server is started again: only then does an `id` still mean the same file. */
  readonly epoch: string;
  readonly maxFileBytes: number;
  /** How many files one page may be sending at the same time. */
  readonly maxUploads: number;
}

/** What the server may say. */
export type ServerMessage =
  | Welcome
  | Refused
  | IncomingInfo
  | { readonly type: 'people'; readonly people: readonly PersonInfo[] }
  | { readonly type: 'accepted'; readonly ref: number; readonly id: number }
  | { readonly type: 'taken'; readonly id: number; readonly bytes: number }
  | { readonly type: 'stored'; readonly id: number; readonly sha256: string }
  | { readonly type: 'progress'; readonly id: number; readonly receivers: Receivers }
  | { readonly type: 'delivered'; readonly id: number; readonly receivers: Receivers }
  | {
      readonly type: 'complete';
      readonly id: number;
      readonly senderSha256: string;
      readonly serverSha256: string;
    }
  | {
      readonly type: 'ended';
      readonly id: number;
      readonly code: EndCode;
      readonly message: string;
    }
  | { readonly type: 'goodbye'; readonly code: GoodbyeCode; readonly message: string }
  | { readonly type: 'pong' };
