import type { EndCode, GoodbyeCode, RefusalCode } from '../shared/wire.ts';

/** What each code says to people. The page has what is needed besides: the name of the file. */
export const sentences: Readonly<Record<RefusalCode | EndCode | GoodbyeCode, string>> = {
  alone: 'Nobody else is here yet.',
  too_big: 'This file is larger than this server takes.',
  too_many: 'You are sending as many files as one page may at the same time.',
  busy: 'As many files are on their way as this server takes at the same time. Try again soon.',
  no_space: 'The server has no room for this file until others have arrived. Try again soon.',
  spool_failed: 'The server could not keep the file on its disk, which may be full.',
  cancelled: 'The sender cancelled it.',
  sender_left: 'The sender left before all of it was sent.',
  sender_stalled: 'The sender sent nothing for too long.',
  you_stalled: 'This page took nothing for too long, so the server gave up.',
  nobody_left: 'Everybody left or cancelled before all of it was sent.',
  full: 'As many people are here as this server takes. This page tries again by itself.',
  bad_message: 'The server did not understand this page. Reload it.',
};
