import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { ClientSession, type SessionPlan } from './client-session.ts';

/** All sessions that a handshake could join, of the whole process. */
const sessions = new Set<ClientSession>();

/**
 * Joins a session that leads to the same server in the same way, also one that is only being set up, or
 * begins one. Whoever has joined must leave.
 */
export function joinSession(plan: SessionPlan): ClientSession {
  let session = findSession(plan);
  if (session === undefined) {
    const begun = new ClientSession(plan, () => sessions.delete(begun));
    sessions.add(begun);
    session = begun;
  }
  session.join();
  return session;
}

function findSession(plan: SessionPlan): ClientSession | undefined {
  for (const session of sessions) {
    if (session.joinable && isSameWay(session.plan, plan)) return session;
  }
  return undefined;
}

/** Other certificates, or another proxy, are another way: nobody may get in on someone else's. */
function isSameWay(one: SessionPlan, other: SessionPlan): boolean {
  return (
    one.target.secure === other.target.secure &&
    one.target.host === other.target.host &&
    one.target.port === other.target.port &&
    one.createConnection === other.createConnection &&
    isSameTls(one.tls, other.tls)
  );
}

/** Of the same options with the same values; equal lists and buffers are not the same. */
function isSameTls(one: TlsOptions, other: TlsOptions): boolean {
  const names = Object.keys({ ...one, ...other });
  return names.every((name) => Object.is(Reflect.get(one, name), Reflect.get(other, name)));
}
