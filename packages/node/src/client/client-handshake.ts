import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { type Agreement, type PermessageDeflate, readAnswer } from '@heddle/core';
import { distinctFields } from '../header-fields.ts';
import { http } from '../node-http.ts';
import { sha1 } from '../sha1.ts';
import type { ClientAttempt } from './client-attempt.ts';
import { openTransport } from './client-transport.ts';

/** Opens a connection to the server, with `tlsBeyond` the plan's, and a WebSocket over it with HTTP/1.1. */
export async function openOverHttp1<In, Out>(
  attempt: ClientAttempt<In, Out>,
  tlsBeyond: TlsOptions = {},
): Promise<void> {
  const { target, tls, createConnection } = attempt.plan;
  const made = await createConnection?.();
  if (attempt.settled) {
    made?.destroy();
    return;
  }
  const options = { tls: { ...tls, ...tlsBeyond }, made, protocols: ['http/1.1'] };
  upgradeTransport(attempt, openTransport(target, options));
}

/** Does the opening handshake of HTTP/1.1, §4.1, over `transport`, which it owns from now on. */
export function upgradeTransport<In, Out>(
  attempt: ClientAttempt<In, Out>,
  transport: Duplex,
): void {
  const { target, headers, opening } = attempt.plan;
  attempt.undoBy(() => transport.destroy());
  // Node listens to it only from the next tick on.
  transport.on('error', attempt.broke);
  const { host, port, path } = target;
  const createTransport = { createConnection: () => transport, setHost: false };
  const request = http.request({ ...createTransport, host, port, path, headers });
  attempt.undoBy(() => {
    request.destroy();
    transport.destroy();
  });
  const judge = (answer: IncomingMessage): Agreement<PermessageDeflate> => {
    const response = { status: answer.statusCode ?? 0, headers: distinctFields(answer.rawHeaders) };
    return readAnswer(response, opening, sha1);
  };
  request
    .on('error', attempt.broke)
    // Another status than 101; or a 101 that has no `Upgrade`, which to Node is a response like others.
    .on('response', (answer) => attempt.judgeRefusal(() => judge(answer), answer))
    .on('upgrade', (answer: IncomingMessage, upgraded: Duplex, head: Buffer) => {
      const agreement = attempt.judge(() => judge(answer));
      if (agreement === undefined) return;
      upgraded.off('error', attempt.broke);
      if (upgraded instanceof Socket) upgraded.setNoDelay(true);
      attempt.open({ transport: upgraded, head }, agreement);
    })
    .end();
}
