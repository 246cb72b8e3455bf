import { acceptedHandshakes } from './accepted-handshakes.ts';
import { coexistence } from './coexistence.ts';
import type { ContractCases } from './contract-case.ts';
import { handlerErrors } from './handler-errors.ts';
import { leaks } from './leaks.ts';
import { lostClients } from './lost-clients.ts';
import { malformedHandshakes } from './malformed-handshakes.ts';
import { messages } from './messages.ts';
import { negotiation } from './negotiation.ts';
import { refusedHandshakes } from './refused-handshakes.ts';
import { routing } from './routing.ts';
import { shutdown } from './shutdown.ts';

/** Every case of the contract, by theme and name. */
export const caseTable: Readonly<Record<string, ContractCases>> = {
  'handshakes that are accepted': acceptedHandshakes,
  'handshakes that the application refuses': refusedHandshakes,
  'handshakes that are none': malformedHandshakes,
  'subprotocols and origins': negotiation,
  routing,
  messages,
  'errors of handlers': handlerErrors,
  'clients that go away': lostClients,
  'other upgrade listeners': coexistence,
  shutdown,
  leaks,
};
