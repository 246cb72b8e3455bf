/** True if somebody is likely to be looking at this page. */
export function isWatched(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}

/** Calls back whenever somebody turns to this page, or away from it. */
export function onAttention(callback: () => void): void {
  globalThis.addEventListener('focus', callback);
  globalThis.addEventListener('blur', callback);
  document.addEventListener('visibilitychange', callback);
}
