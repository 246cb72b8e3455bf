import { acceptedHandshakes } from './accepted-handshakes.ts';

import type { ContractCases } from './contract-case.ts';
import { handlerErrors } from './handler-errors.ts';
import type { ContractHarness } from './harness.ts';
import { http1Coexistence } from './http1-coexistence.ts';
import { http2Coexistence } from './http2-coexistence.ts';
import { http2Handshakes } from './http2-handshakes.ts';
import { http2LostClients } from './http2-lost-clients.ts';
import { http2Sessions } from './http2-sessions.ts';
import { leaks } from './leaks.ts';
import { liveness } from './liveness.ts';
import { lostClients } from './lost-clients.ts';
import { malformedHandshakes } from './malformed-handshakes.ts';
import { messages } from './messages.ts';
import { negotiation } from './negotiation.ts';
import { needsPlainHttp2, notOverHttp2 } from './not-over-http2.ts';
import { refusedHandshakes } from './refused-handshakes.ts';
import { routing } from './routing.ts';
import { shutdown } from './shutdown.ts';
import type { Transport } from './transport.ts';

type CaseTable = Readonly<Record<string, ContractCases>>;

/** Every case of the contract, by theme and name: those of all transports first. */
export const caseTable: CaseTable = {
  'handshakes that are accepted': acceptedHandshakes,
  'handshakes that the application refuses': refusedHandshakes,
  'handshakes that are none': malformedHandshakes,
  'subprotocols and origins': negotiation,
  routing,
  messages,
  'errors of handlers': handlerErrors,
  'clients that go away': lostClients,
  'clients that say nothing': liveness,
  'other upgrade listeners': http1Coexistence,
  shutdown,
  leaks,
};

/** The cases that only HTTP/2 has. */
export const http2CaseTable: CaseTable = {
  'HTTP/2: handshakes': http2Handshakes,
  'HTTP/2: one connection, many streams': http2Sessions,
  'HTTP/2: clients that go away': http2LostClients,
  'HTTP/2: other connect listeners': http2Coexistence,
};

/** The cases of a transport. */
export function casesOf(transport: Transport): CaseTable {
  return transport === 'http2' ? { ...caseTable, ...http2CaseTable } : caseTable;
}

/** Why a harness cannot have a case over a transport; `undefined` if it must. */
export function reasonAgainst(
  { theme, title }: { readonly theme: string; readonly title: string },
  { cannot = {}, plainOverHttp1 }: ContractHarness,
  transport: Transport,
): string | undefined {
  if (transport !== 'http2') return cannot[title];
  const ofPlain = needsPlainHttp2.includes(title) ? plainOverHttp1 : undefined;
  return cannot[title] ?? notOverHttp2[theme] ?? notOverHttp2[title] ?? ofPlain;
}
