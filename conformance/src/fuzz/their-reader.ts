import { type EventKind, type Failure, formatEvent, type Reading } from './reading.ts';
import { MAX_FRAGMENTS, type StreamCase } from './stream-case.ts';
import { type WsDeflate, type WsReceiver, ws } from './ws-receiver.ts';

/** Reads the pieces with the parser of `ws`, with the same limits as ours. */
export async function readTheirs(
  options: Pick<StreamCase, 'role' | 'maxMessageBytes' | 'deflate'>,
  pieces: readonly Uint8Array[],
): Promise<Reading> {
  const { role, maxMessageBytes } = options;
  const deflate = openDeflate(options);
  const receiver = new ws.Receiver({
    isServer: role === 'server',
    maxPayload: maxMessageBytes,
    maxFragments: MAX_FRAGMENTS,
    extensions: deflate === undefined ? {} : { 'permessage-deflate': deflate },
  });
  const events: string[] = [];
  let end: Reading['end'] = 'open';
  const note = (kind: EventKind, bytes: Uint8Array) => events.push(formatEvent(kind, bytes));
  receiver.on('message', (bytes, binary) => note(binary ? 'binary' : 'text', bytes));
  receiver.on('ping', (payload) => note('ping', payload));
  receiver.on('pong', (payload) => note('pong', payload));
  receiver.on('conclude', (code, reason) => {
    end = 'closed';
    note(`close ${code}`, reason);
  });
  receiver.on('error', (error) => {
    end = failureBy(error);
  });
  for (const piece of pieces) {
    if (end === 'open') await write(receiver, piece);
  }
  receiver.destroy();
  deflate?.cleanup();
  return { events, end };
}

function openDeflate({
  role,
  maxMessageBytes,
  deflate,
}: Pick<StreamCase, 'role' | 'maxMessageBytes' | 'deflate'>): WsDeflate | undefined {
  if (deflate === undefined) return undefined;
  const extension = new ws.PerMessageDeflate({
    isServer: role === 'server',
    maxPayload: maxMessageBytes,
  });
  const sender = role === 'server' ? 'client' : 'server';
  extension.accept([
    {
      [`${sender}_max_window_bits`]: [String(deflate.windowBits)],
      ...(!deflate.takeover && { [`${sender}_no_context_takeover`]: [true] }),
    },
  ]);
  return extension;
}

/** Resolves when the piece is read to its end, or there is nothing more to be read. */
function write(receiver: WsReceiver, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    // It unmasks in place.
    receiver.write(piece.slice(), () => setImmediate(resolve));
  });
}

/** `ws` keeps the status code under a symbol of its own. */
function failureBy(error: NodeJS.ErrnoException): Failure {
  const symbol = Object.getOwnPropertySymbols(error).find(
    ({ description }) => description === 'status-code',
  );
  const closeCode: unknown = symbol && Reflect.get(error, symbol);
  if (typeof closeCode !== 'number') throw error;
  return { code: error.code ?? error.message, closeCode };
}
