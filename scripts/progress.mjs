/** Says what is going on and since when. with-tools.mjs hands its start on, so that installing counts too. */
const startedAt = Number(process.env.HEDDLE_STARTED_AT ?? Date.now());

export const started = { HEDDLE_STARTED_AT: String(startedAt) };

/** One line above the output of each step: `== 0:07 Types`. */
export function heading(text) {
  console.log(`\n== ${elapsed()} ${text}`);
}

/** Minutes and seconds since the command was typed. */
export function elapsed() {
  const seconds = Math.floor((Date.now() - startedAt) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
