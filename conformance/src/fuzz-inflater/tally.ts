import type { MessageKind } from './fuzz-case.ts';
import type { Outcome } from './play-case.ts';

/** How often each kind of message was delivered, and how connections ended. */
export class Tally {
  cases = 0;
  messages = 0;
  readonly closes = new Map<number, number>();
  readonly kinds = new Map<MessageKind, { delivered: number; refused: number }>();

  add({ delivered, closeCode }: Outcome): void {
    this.cases++;
    this.messages += delivered.length;
    this.closes.set(closeCode, (this.closes.get(closeCode) ?? 0) + 1);
    for (const [kind, wasDelivered] of delivered) {
      const counts = this.kinds.get(kind) ?? { delivered: 0, refused: 0 };
      counts[wasDelivered ? 'delivered' : 'refused']++;
      this.kinds.set(kind, counts);
    }
  }
}
