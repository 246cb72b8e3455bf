import { toDisplayName } from '../shared/display-name.ts';
import { keptText } from './browser-storage.ts';
import { randomId } from './random-id.ts';

const keptKey = keptText('localStorage', 'heddle-chat:key');
const keptName = keptText('localStorage', 'heddle-chat:name');

/** The secret by which the server knows this browser again. Made on the first visit. */
export function identityKey(): string {
  const known = keptKey.read();
  if (known !== undefined && /^[A-Za-z0-9_-]{22}$/u.test(known)) return known;
  const key = randomId();
  keptKey.write(key);
  return key;
}

/** The name that was used last in this browser. */
export function lastName(): string | undefined {
  return toDisplayName(keptName.read() ?? '');
}

/** Remembers the name for the next visit. */
export function rememberName(name: string): void {
  keptName.write(name);
}
