import { MAX_NAME_LENGTH, MAX_TEXT_LENGTH } from '../shared/limits.ts';
import type { ErrorCode, Refusal } from '../shared/wire.ts';

/** What each refusal says to people. */
const sentences: Readonly<Record<ErrorCode, string>> = {
  bad_message: 'The server did not understand this page. Reload it.',
  not_joined: 'Join the room before you speak.',
  already_joined: 'You are in the room already.',
  bad_name: `A name has 1 to ${MAX_NAME_LENGTH} characters that can be seen.`,
  empty: 'There is nothing in this message.',
  too_long: `A message has at most ${MAX_TEXT_LENGTH.toLocaleString('en')} characters.`,
  too_fast: 'You are writing faster than this room allows.',
};

/** Makes the answer to something that is not done. */
export function refusal(
  code: ErrorCode,
  about: Pick<Refusal, 'clientId' | 'retryAfterMs'> = {},
): Refusal {
  return { type: 'error', code, message: sentences[code], ...about };
}
