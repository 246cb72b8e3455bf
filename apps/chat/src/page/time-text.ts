const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const dayOfYear = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
});
const dayAndYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });
const complete = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

const DAY_MS = 24 * 60 * 60_000;

/** Hours and minutes, as the reader's language writes them. */
export function timeText(at: number): string {
  return clock.format(at);
}

/** Day and time, for whoever wants to know exactly. */
export function completeTimeText(at: number): string {
  return complete.format(at);
}

/** A day as people call it: today, yesterday, or its date; with the year if it is another one. */
export function dayText(at: number, now: number): string {
  const today = new Date(now).toDateString();
  const date = new Date(at);
  if (date.toDateString() === today) return 'Today';
  // From noon on, a day back is yesterday also when the clocks change at night.
  const noon = new Date(now).setHours(12, 0, 0, 0);
  if (date.toDateString() === new Date(noon - DAY_MS).toDateString()) return 'Yesterday';
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return (sameYear ? dayOfYear : dayAndYear).format(at);
}
