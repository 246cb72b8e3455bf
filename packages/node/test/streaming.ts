import type { Connection } from '../src/connection/connection.ts';
import type { StreamedMessage } from '../src/connection/streamed-message.ts';
import type { ConnectionOptions } from '../src/options.ts';
import type { HeldTransport } from './held-transport.ts';
import { openHeld } from './open.ts';

export interface Streaming {
  readonly socket: Connection;
  readonly transport: HeldTransport;
  readonly loop: ReturnType<Connection['incoming']>;
  readonly message: StreamedMessage;
}

/** A connection, a loop over streams, and the message that `bytes` begin. */
export async function streaming(
  bytes: Uint8Array,
  options: ConnectionOptions = {},
): Promise<Streaming> {
  const { socket, transport } = openHeld(options);
  const loop = socket.incoming();
  const asked = nextOf(loop);
  transport.delivers(bytes);
  return { socket, transport, loop, message: await asked };
}

/** The next message, which must be there. */
export async function nextOf(loop: AsyncIterator<StreamedMessage>): Promise<StreamedMessage> {
  const step = await loop.next();
  if (step.done) throw new Error('no message');
  return step.value;
}
