import { turn } from './turns.ts';

/** A source that gives a piece when a test says so, and what became of it. */
export function driveSource() {
  const state = { pulled: 0, returned: false };
  const waiting: ((piece: string | Uint8Array) => void)[] = [];
  async function* pieces() {
    try {
      for (;;) {
        state.pulled++;
        yield await new Promise<string | Uint8Array>((resolve) => waiting.push(resolve));
      }
    } finally {
      state.returned = true;
    }
  }
  const gives = async (piece: string | Uint8Array) => {
    await turn();
    waiting.shift()?.(piece);
    await turn();
  };
  return { pieces: pieces(), state, gives };
}
