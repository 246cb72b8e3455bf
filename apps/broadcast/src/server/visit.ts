import { CHUNK_HEADER_BYTES, readChunkHeader } from '../shared/chunk.ts';
import { toDisplayName } from '../shared/display-name.ts';
import type { ClientMessage } from '../shared/wire.ts';
import { BadMessage } from './bad-message.ts';
import { parseClientMessage } from './client-message.ts';
import type { Hall } from './hall.ts';
import { Pace } from './pace.ts';
import type { Person } from './person.ts';

/** Who has no name that can be shown. */
const NAMELESS = 'Somebody';

/** The name under which others see somebody who calls themselves this. */
export function nameOf(wanted: string | undefined): string {
  return toDisplayName(wanted ?? '') ?? NAMELESS;
}

/**
 * One connection: what it says, and what comes of it. One message at a time: as long as a chunk is on
 * its way to the disk, nothing more is read from whoever sent it, so that TCP holds them back even if
 * they ignore their window.
 */
export class Visit {
  readonly #hall: Hall;
  readonly #person: Person;
  readonly #pace = new Pace();

  constructor(hall: Hall, person: Person) {
    this.#hall = hall;
    this.#person = person;
    hall.enter(person);
  }

  /** Does what the page asks. Rejects with `BadMessage` if no page of ours would ask that. */
  async receive(message: string | Uint8Array): Promise<void> {
    if (typeof message !== 'string') return await this.#takeChunk(message);
    const said = parseClientMessage(message);
    if (said === undefined) throw new BadMessage('A message that no page says');
    if (said.type === 'offer' || said.type === 'rename') await this.#pace.keep();
    await this.#obey(said);
  }

  /** The connection is gone; `lost` if nobody meant it to end. */
  end(lost: boolean): void {
    this.#hall.leave(this.#person, lost);
  }

  async #takeChunk(message: Uint8Array): Promise<void> {
    const header = readChunkHeader(message);
    if (header === undefined) throw new BadMessage('A chunk without a header');
    const bytes = message.subarray(CHUNK_HEADER_BYTES);
    await this.#hall.transfer(header.id)?.append(this.#person, header.offset, bytes);
  }

  async #obey(said: ClientMessage): Promise<void> {
    if (said.type === 'ping') return this.#person.send({ type: 'pong' });
    if (said.type === 'rename') return this.#hall.rename(this.#person, nameOf(said.name));
    if (said.type === 'offer') return await this.#hall.offer(this.#person, said);
    const transfer = this.#hall.transfer(said.id);
    switch (said.type) {
      case 'end':
        return transfer?.end(this.#person, said.sha256);
      case 'want':
        return transfer?.want(this.#person, said.from);
      case 'ack':
        return transfer?.acknowledge(this.#person, said.bytes);
      case 'received':
        return transfer?.finish(this.#person, said.sha256);
      case 'cancel':
        return transfer?.cancel(this.#person);
    }
  }
}
