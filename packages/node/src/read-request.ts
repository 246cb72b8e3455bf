import type { IncomingMessage } from 'node:http';
import { HandshakeError, type Opening, readOpening } from '@heddle/core';
import { distinctFields } from './header-fields.ts';
import { type HttpRefusal, refusalFor } from './http-refusal.ts';

/** The handshake that a request is, or what to answer one that breaks a rule of §4.2.1. */
export function readRequest(request: IncomingMessage): Opening | HttpRefusal {
  const { method = '', httpVersion, rawHeaders } = request;
  try {
    return readOpening({ method, httpVersion, headers: distinctFields(rawHeaders) });
  } catch (error) {
    if (error instanceof HandshakeError) return refusalFor(error);
    throw error;
  }
}
