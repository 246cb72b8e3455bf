import { clientNetwork } from './client-network.ts';

/** Gives a place back, once. */
export type Leave = () => void;

const NOTHING_TO_LEAVE: Leave = () => {};

/** How many connections each client address has, those that a route has just accepted among them. */
export class AddressPlaces {
  readonly #max: number;
  readonly #taken = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Whether places are counted at all. */
  get limited(): boolean {
    return this.#max !== Number.POSITIVE_INFINITY;
  }

  /**
   * Takes a place for a client; `undefined` if it has as many as it may. Who has no address, over a Unix
   * socket or a stream in memory, is not counted.
   */
  take(address: string | undefined): Leave | undefined {
    if (address === undefined || !this.limited) return NOTHING_TO_LEAVE;
    const network = clientNetwork(address);
    const taken = this.#taken.get(network) ?? 0;
    if (taken >= this.#max) return undefined;
    this.#taken.set(network, taken + 1);
    let left = false;
    return () => {
      if (!left) this.#leave(network);
      left = true;
    };
  }

  #leave(network: string): void {
    const taken = (this.#taken.get(network) ?? 0) - 1;
    if (taken > 0) this.#taken.set(network, taken);
    else this.#taken.delete(network);
  }
}
