import type { MessageKind, RandomMessage, RandomMessages } from './random-messages.ts';

/** A client whose messages come back, whoever wrote it. */
export interface EchoClient {
  send(message: RandomMessage): unknown;
  /** The next message that comes. */
  receive(): Promise<{ readonly bytes: Buffer; readonly text: boolean }>;
}

export interface Exchange {
  readonly messages: Pick<RandomMessages, 'next'>;
  readonly count: number;
  /** Which messages, if not all. */
  readonly kinds?: readonly MessageKind[];
  /** What is told of a message that comes back as another. */
  readonly label: string;
}

/** How many messages a connection has under way at once. */
const DEPTH = 6;

/** Sends messages, several at once, and compares what comes back. Resolves with the bytes of them all. */
export async function exchange(client: EchoClient, task: Exchange): Promise<number> {
  const { messages, count, kinds, label } = task;
  const underWay: RandomMessage[] = [];
  let sent = 0;
  let received = 0;
  let byteLength = 0;
  while (received < count) {
    while (sent < count && underWay.length < DEPTH) {
      const message = messages.next(kinds);
      underWay.push(message);
      await client.send(message);
      byteLength += message.bytes.byteLength;
      sent++;
    }
    const echo = await client.receive();
    const message = underWay.shift();
    if (message?.text !== echo.text || !message.bytes.equals(echo.bytes)) {
      throw new Error(`${label}: message ${received} came back as another one: ${tell(message)}`);
    }
    received++;
  }
  return byteLength;
}

function tell(message: RandomMessage | undefined): string {
  if (message === undefined) return 'nobody had sent it';
  const { kind, bytes, compress } = message;
  return `${bytes.byteLength} bytes of ${kind}, ${compress ? '' : 'not '}to be compressed`;
}
