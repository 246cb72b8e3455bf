import type { Connection } from '@heddle/node';

/**
 * Sends back what comes, one message at a time. While the loop's body waits, nothing is read: whoever
 * does not take the echoes is held back by TCP, and costs no more memory than one message and what
 * `send` keeps below its high-water mark.
 */
export async function echo(socket: Connection): Promise<void> {
  for await (const message of socket) {
    if (!socket.send(message)) await socket.drained();
  }
}
