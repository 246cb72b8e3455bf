import type { IncomingMessage } from 'node:http';
import { HandshakeError, type Opening } from '@heddle/core';
import { asError } from '../as-error.ts';
import { type AnyConnection, runHandler } from '../connection/connection.ts';
import { acceptOpening, openUpgraded } from './acceptance.ts';
import { refusalFor, serverRefusals } from './http-refusal.ts';
import type { IncomingUpgrade } from './incoming-upgrade.ts';
import { AnsweredUpgrade, markPendingUpgrade } from './pending-upgrade.ts';
import type { UpgradeHost, UpgradeOutcome } from './upgrade-host.ts';

/** Gets every connection where no application stands between the handshake and it. */
export type ConnectionHandler = (connection: AnyConnection, request: IncomingMessage) => unknown;

/**
 * Opens a valid handshake in one go, on the host's own terms: as nobody sets headers or waits for
 * anything, there is no response and no deadline, which are an eighth of what a handshake costs.
 */
export function acceptAtOnce(
  upgrade: IncomingUpgrade,
  opening: Opening,
  host: UpgradeHost,
  handler: ConnectionHandler,
): UpgradeOutcome {
  const { request } = upgrade;
  try {
    const terms = acceptOpening(opening, host.options, request);
    // The application's `subprotocols` may have closed the server.
    const refusal = host.unavailable();
    if (refusal !== undefined) {
      upgrade.refuse(refusal);
      return 'refused';
    }
    const leave = host.admit(request, request.socket.remoteAddress);
    upgrade.accept(terms.fields);
    const connection = openUpgraded(upgrade, terms, host);
    if (connection === undefined) {
      leave();
      upgrade.socket.destroy();
      return 'abandoned';
    }
    markPendingUpgrade(request, new AnsweredUpgrade(opening));
    host.opened(connection, terms.options, leave);
    runHandler(connection, () => handler(connection, request));
    return 'opened';
  } catch (error) {
    if (!(error instanceof HandshakeError)) process.emitWarning(asError(error));
    const refusal =
      error instanceof HandshakeError ? refusalFor(error) : serverRefusals.applicationFailed;
    upgrade.refuse(refusal);
    return 'refused';
  }
}
