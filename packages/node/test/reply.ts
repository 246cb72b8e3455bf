import type { Connection } from '../src/connection/connection.ts';

/** Sends a message, and gives the next one that comes. */
export async function reply(socket: Connection, message: string): Promise<unknown> {
  const answer = new Promise((resolve) => socket.once('message', resolve));
  socket.send(message);
  return await answer;
}
