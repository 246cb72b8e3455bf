/**
 * A `Storage` that may not be there: browsers refuse it in some private modes, and throw when it is
 * full. What cannot be kept is kept for as long as the page is open, by whoever asked.
 */
export interface KeptText {
  /** What was written last; `undefined` if nothing was, or it cannot be read. */
  read(): string | undefined;
  /** Keeps `text`, if it can be kept; `undefined` removes it. */
  write(text: string | undefined): void;
}

/** The text under `key` in `localStorage` (this browser) or `sessionStorage` (this tab). */
export function keptText(where: 'localStorage' | 'sessionStorage', key: string): KeptText {
  return {
    read: () => attempt(() => globalThis[where].getItem(key) ?? undefined),
    write: (text) =>
      attempt(() => {
        if (text === undefined) globalThis[where].removeItem(key);
        else globalThis[where].setItem(key, text);
        return undefined;
      }),
  };
}

function attempt<T>(use: () => T | undefined): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
