import { BroadcastPage } from './broadcast-page.ts';
import { ownName } from './own-name.ts';

const { session } = new BroadcastPage(ownName());

session.line.connect();
globalThis.addEventListener('online', () => session.line.connect());
globalThis.addEventListener('offline', () => session.line.check());
document.addEventListener('visibilitychange', () => {
  // The device may have slept since somebody last looked.
  if (document.visibilityState === 'visible') session.line.check();
});
globalThis.addEventListener('beforeunload', (event) => {
  if (session.busy) event.preventDefault();
});
