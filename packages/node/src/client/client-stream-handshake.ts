import type { ClientHttp2Stream } from 'node:http2';
import { readConnectAnswer, UsageError } from '@heddle/core';
import { dropTransport } from '../connection/drop-transport.ts';
import { distinctFields } from '../header-fields.ts';
import type { ClientAttempt } from './client-attempt.ts';
import { openOverHttp1, upgradeTransport } from './client-handshake.ts';
import { type ClientSession, hungUp } from './client-session.ts';
import { joinSession } from './client-session-pool.ts';

type Fields = Record<string, string | string[]>;

/**
 * The codes of a stream that the server has not looked at: REFUSED_STREAM, of which a client may try
 * again (RFC 9113 §8.7), and ENHANCE_YOUR_CALM, which Node's servers say for it.
 */
const UNPROCESSED = [0x7, 0xb];

/**
 * Opens a WebSocket over HTTP/2 (RFC 8441), in a session that others may share, with the request
 * `fields`; or over HTTP/1.1 where the server does not take it.
 */
export async function openOverHttp2<In, Out>(
  attempt: ClientAttempt<In, Out>,
  fields: Fields,
): Promise<void> {
  const session = joinSession(attempt.plan);
  attempt.undoBy(() => session.leave());
  const version = await session.version;
  if (attempt.settled) return;
  if (version === 1) {
    await fallBack(attempt, session);
    return;
  }
  const stream = request(session, fields);
  const again = (): void => {
    openOverHttp2(attempt, fields).catch(attempt.fail);
  };
  if (stream !== undefined) {
    shakeHands(attempt, stream, { session, again });
  } else {
    // Others were faster: another session.
    session.leave();
    again();
  }
}

/** Over the very connection if TLS has agreed on HTTP/1.1, else over a new one that offers nothing else. */
async function fallBack<In, Out>(
  attempt: ClientAttempt<In, Out>,
  session: ClientSession,
): Promise<void> {
  const transport = session.takeTransport();
  attempt.undoBy(() => {});
  session.leave();
  if (transport === undefined) await openOverHttp1(attempt, { ALPNProtocols: ['http/1.1'] });
  else upgradeTransport(attempt, transport);
}

function request(session: ClientSession, fields: Fields): ClientHttp2Stream | undefined {
  try {
    return session.open(fields);
  } catch (error) {
    // A field that HTTP/2 does not have, as `Proxy-Connection`, or has once, as `Authorization`.
    if (error instanceof TypeError) throw new UsageError('WS_INVALID_OPTION', `headers: ${error}`);
    throw error;
  }
}

/** RFC 8441 §5: the opening handshake over `stream`, which the attempt owns. */
function shakeHands<In, Out>(
  attempt: ClientAttempt<In, Out>,
  stream: ClientHttp2Stream,
  { session, again }: { readonly session: ClientSession; readonly again: () => void },
): void {
  attempt.undoBy(() => dropTransport(stream));
  const { remoteAddress } = session;
  const lost = (error: unknown): void => {
    if (UNPROCESSED.includes(stream.rstCode ?? 0) && session.refuse() && !attempt.settled) {
      stream.off('close', closed);
      again();
    } else attempt.broke(error);
  };
  // Node makes no error of a stream that is reset with CANCEL or NO_ERROR.
  const closed = (): void => attempt.broke(hungUp('reset the stream before it answered'));
  stream.on('error', lost).on('close', closed);
  // Of the fields in Node's own object those that came twice are joined.
  stream.on('response', ({ ':status': status = 0 }, _flags, ...[rawHeaders = []]: string[][]) => {
    stream.off('error', lost).off('close', closed).on('error', attempt.broke);
    const { ':status': _, ...headers } = distinctFields(rawHeaders);
    const read = () => readConnectAnswer({ status, headers }, attempt.plan.opening);
    if (status !== 200) {
      attempt.judgeRefusal(read, stream);
      return;
    }
    const agreement = attempt.judge(read);
    if (agreement === undefined) return;
    stream.off('error', attempt.broke);
    attempt.open({ transport: stream, head: Buffer.alloc(0), remoteAddress }, agreement);
  });
}
