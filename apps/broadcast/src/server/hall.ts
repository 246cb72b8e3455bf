import { randomUUID } from 'node:crypto';
import { toFileName } from '../shared/file-name.ts';
import type { ClientMessage, PersonInfo, RefusalCode, ServerMessage } from '../shared/wire.ts';
import { Arrival } from './arrival.ts';
import { BadMessage } from './bad-message.ts';
import type { Bounds } from './bounds.ts';
import type { Person } from './person.ts';
import { sentences } from './sentence.ts';
import type { Spool } from './spool.ts';
import { Transfer } from './transfer.ts';

const SWEEP_MS = 500;

/** What a hall needs. */
export interface HallOptions {
  readonly bounds: Bounds;
  /** Makes an empty spool. Rejects if the disk does not have it. */
  readonly createSpool: () => Promise<Spool>;
  /** Hears why a file could not be kept, for the log. */
  readonly onSpoolError: (error: unknown) => void;
}

type Offer = Extract<ClientMessage, { readonly type: 'offer' }>;

/** Everybody who is here, and every file that is on its way. */
export class Hall {
  readonly #options: HallOptions;
  readonly #epoch = randomUUID();
  /** In the order in which they came. */
  readonly #people = new Set<Person>();
  readonly #transfers = new Map<number, Transfer>();
  readonly #sweep: NodeJS.Timeout;
  #nextId = 1;
  /** What the files that are on their way have on the disk, or will have. */
  #reservedBytes = 0;
  /** How many files are about to be on their way, once the disk has a spool for them. */
  #beginning = 0;
  #closed = false;

  constructor(options: HallOptions) {
    this.#options = options;
    this.#sweep = setInterval(() => this.#giveUpOnStalled(), SWEEP_MS).unref();
  }

  /** Whether there is no room for one more. */
  get full(): boolean {
    return this.#people.size >= this.#options.bounds.maxPeople;
  }

  /** Lets somebody in, and offers them what is on its way. */
  enter(person: Person): void {
    this.#people.add(person);
    const { maxFileBytes, maxUploads } = this.#options.bounds;
    const limits = { maxFileBytes, maxUploads };
    const people = this.#list();
    const incoming = [...this.#transfers.values()].map((transfer) => transfer.invite(person));
    const { id: you } = person;
    person.send({ type: 'welcome', you, people, incoming, epoch: this.#epoch, ...limits });
    this.#tell({ type: 'people', people }, person);
  }

  /** Somebody's connection has ended; `lost` if that was not their doing. */
  leave(person: Person, lost: boolean): void {
    this.#people.delete(person);
    this.#tell({ type: 'people', people: this.#list() });
    for (const transfer of this.#transfers.values()) transfer.leave(person, lost);
  }

  rename(person: Person, name: string): void {
    person.name = name;
    this.#tell({ type: 'people', people: this.#list() });
  }

  /** Takes a file on its way to everybody else, or refuses to. */
  async offer(person: Person, { ref, name, size }: Offer): Promise<void> {
    const refuse = (code: RefusalCode) =>
      person.send({ type: 'refused', ref, code, message: sentences[code] });
    const refusal = this.#judge(person, size);
    if (refusal !== undefined) return refuse(refusal);
    this.#reservedBytes += size;
    this.#beginning += 1;
    const spool = await this.#options.createSpool().catch((error: unknown) => {
      this.#options.onSpoolError(error);
      return undefined;
    });
    this.#beginning -= 1;
    if (this.#closed) return await spool?.close();
    if (spool === undefined) {
      this.#reservedBytes -= size;
      return refuse('spool_failed');
    }
    this.#begin(person, toFileName(name), new Arrival(size, spool), ref);
  }

  /**
   * A file that is on its way; `undefined` if it was, and whoever asks cannot know yet that it is
   * over. Throws `BadMessage` for an id that nobody has been told.
   */
  transfer(id: number): Transfer | undefined {
    if (id === 0 || id >= this.#nextId) throw new BadMessage('There has been no such file');
    return this.#transfers.get(id);
  }

  /** Drops all files. Resolves when the disk has their bytes back. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweep);
    await Promise.all([...this.#transfers.values()].map((transfer) => transfer.close()));
  }

  #judge(person: Person, size: number): RefusalCode | undefined {
    const { bounds } = this.#options;
    const transfers = [...this.#transfers.values()];
    if (size > bounds.maxFileBytes) return 'too_big';
    if (this.#people.size < 2) return 'alone';
    if (transfers.length + this.#beginning >= bounds.maxTransfers) return 'busy';
    const uploads = transfers.filter((transfer) => transfer.isSentBy(person)).length;
    if (uploads >= bounds.maxUploads) return 'too_many';
    return this.#reservedBytes + size > bounds.maxSpoolBytes ? 'no_space' : undefined;
  }

  #begin(sender: Person, name: string, arrival: Arrival, ref: number): void {
    const { stallMs, lingerMs } = this.#options.bounds;
    const id = this.#nextId++;
    const onOver = () => {
      this.#transfers.delete(id);
      this.#reservedBytes -= arrival.size;
    };
    const now = () => performance.now();
    const { onSpoolError } = this.#options;
    const options = { id, name, sender, arrival, onOver, onSpoolError, stallMs, lingerMs, now };
    const transfer = new Transfer(options);
    this.#transfers.set(id, transfer);
    sender.send({ type: 'accepted', ref, id });
    for (const person of this.#people) {
      if (person !== sender) person.send(transfer.invite(person));
    }
  }

  #giveUpOnStalled(): void {
    for (const transfer of this.#transfers.values()) transfer.sweep();
  }

  #list(): PersonInfo[] {
    return [...this.#people].map(({ id, name }) => ({ id, name }));
  }

  #tell(message: ServerMessage, except?: Person): void {
    for (const person of this.#people) if (person !== except) person.send(message);
  }
}
