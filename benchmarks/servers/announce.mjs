/** Tells the benchmark where this server listens, and lets it end the server. */
export function announce(port) {
  process.stdout.write(`Echo: ws://127.0.0.1:${port}/\n`);
}

/** What a server does with a message: `'echo'`, or `'broadcast'` to everybody that is connected. */
export const task = process.env.TASK ?? 'echo';

/** Whether permessage-deflate is accepted. */
export const deflate = process.env.DEFLATE === '1';

/** The longest message that is taken, in bytes. */
export const MAX_MESSAGE_BYTES = 64 * 2 ** 20;

process.once('SIGTERM', () => process.exit(0));
