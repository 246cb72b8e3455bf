import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Message } from '../shared/wire.ts';

/** What somebody said, before it has an id. */
export interface Draft {
  readonly room: string;
  readonly author: string;
  readonly name: string;
  readonly clientId: string;
  readonly text: string;
  /** In milliseconds since 1970. */
  readonly at: number;
}

const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE message (
    -- AUTOINCREMENT: an id is never given out again, so it can say how far a page has read.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    room TEXT NOT NULL,
    author TEXT NOT NULL,
    name TEXT NOT NULL,
    client_id TEXT NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- With the author in it, nobody can use up the id of somebody else's message.
    UNIQUE (room, author, client_id)
  ) STRICT;
  CREATE INDEX message_in_room ON message (room, id);
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

const COLUMNS = 'id, client_id, author, name, text, at';

/**
 * What was said in all rooms, in one SQLite file. Every method is synchronous and done when it
 * returns: what `add` returned survives the end of the process, and of the machine.
 */
export class MessageStore {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #after: StatementSync;
  readonly #before: StatementSync;

  /**
   * Opens the file at `path`, or creates it; its folder must exist. `:memory:` keeps everything in
   * memory. Throws if the file is of a later version of this program, or no database.
   */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    prepareFile(this.#database, path);
    this.#insert = this.#database.prepare(
      `INSERT INTO message (room, author, name, client_id, text, at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (room, author, client_id) DO NOTHING RETURNING ${COLUMNS}`,
    );
    this.#find = this.#database.prepare(
      `SELECT ${COLUMNS} FROM message WHERE room = ? AND author = ? AND client_id = ?`,
    );
    this.#after = this.#database.prepare(
      `SELECT ${COLUMNS} FROM message WHERE room = ? AND id > ? ORDER BY id LIMIT ?`,
    );
    this.#before = this.#database.prepare(
      `SELECT ${COLUMNS} FROM message WHERE room = ? AND id < ? ORDER BY id DESC LIMIT ?`,
    );
  }

  /**
   * Stores a message, unless its author has stored one with this `clientId` in this room before:
   * then that one is returned as it is, and `repeated` is true.
   */
  add(draft: Draft): { readonly message: Message; readonly repeated: boolean } {
    const { room, author, name, clientId, text, at } = draft;
    const inserted = this.#insert.get(room, author, name, clientId, text, at);
    const row = inserted ?? this.#find.get(room, author, clientId);
    return { message: toMessage(row), repeated: inserted === undefined };
  }

  /** The first `limit` messages of a room whose id is above `id`, oldest first. */
  after(room: string, id: number, limit: number): Message[] {
    return this.#after.all(room, id, limit).map(toMessage);
  }

  /** The last `limit` messages of a room whose id is below `id` (all, by default), oldest first. */
  before(room: string, limit: number, id = Number.MAX_SAFE_INTEGER): Message[] {
    return this.#before.all(room, id, limit).map(toMessage).reverse();
  }

  /** Closes the file. Nothing else may be called then. */
  close(): void {
    this.#database.close();
  }
}

function prepareFile(database: DatabaseSync, path: string): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > SCHEMA_VERSION) {
    database.close();
    throw new Error(`${path} was written by a later version of this chat`);
  }
  // FULL: with WAL's default a power cut could take back what has been acknowledged. It costs one
  // fsync for each message, which people typing never notice.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  if (version < SCHEMA_VERSION) database.exec(`BEGIN; ${SCHEMA} COMMIT;`);
}

function toMessage(row: Record<string, unknown> | undefined): Message {
  return {
    id: Number(row?.['id']),
    clientId: String(row?.['client_id']),
    author: String(row?.['author']),
    name: String(row?.['name']),
    text: String(row?.['text']),
    at: Number(row?.['at']),
  };
}
