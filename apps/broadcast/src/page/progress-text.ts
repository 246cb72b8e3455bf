import { byteText } from '../shared/byte-text.ts';
import type { Receivers } from '../shared/wire.ts';
import type { Rate } from './rate.ts';

/** How far something is, and how fast it goes. */
export function progressText(what: string, bytes: number, size: number, rate: Rate): string {
  const percent = size === 0 ? 100 : Math.floor((bytes / size) * 100);
  const perSecond = rate.perSecond(performance.now());
  const speed = perSecond === undefined ? '' : ` · ${byteText(perSecond)}/s`;
  return `${percent} % ${what}${speed}`;
}

/** So many people, with the verb that goes with them. */
export function peopleText(count: number, singular = '', plural = ''): string {
  const verb = count === 1 ? singular : plural;
  return `${count} ${count === 1 ? 'person' : 'people'}${verb === '' ? '' : ` ${verb}`}`;
}

/** Who has a file that is on its way no longer. */
export function deliveredText({ have, different }: Receivers): string {
  if (have + different === 0) return 'Nobody has it: everybody left or cancelled.';
  const differences = `${peopleText(different)} got something different.`;
  if (have === 0) return differences;
  const verified = `${peopleText(have, 'has', 'have')} it, verified.`;
  return different === 0 ? verified : `${verified} ${differences}`;
}
