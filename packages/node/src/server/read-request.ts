import { HandshakeError, type Opening } from '@heddle/core';
import { type HttpRefusal, refusalFor } from './http-refusal.ts';
import type { IncomingUpgrade } from './incoming-upgrade.ts';

/** The handshake that a request is, or what to answer one that breaks a rule of it. */
export function readRequest(upgrade: IncomingUpgrade): Opening | HttpRefusal {
  try {
    return upgrade.readOpening();
  } catch (error) {
    if (error instanceof HandshakeError) return refusalFor(error);
    throw error;
  }
}
