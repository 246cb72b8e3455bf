import type { Connection } from '@heddle/koa';
import type { GoodbyeCode, ServerMessage } from '../shared/wire.ts';
import { BadMessage } from './bad-message.ts';
import { Feeder } from './feeder.ts';
import type { Hall } from './hall.ts';
import type { Person } from './person.ts';
import { sentences } from './sentence.ts';
import { nameOf, Visit } from './visit.ts';

/** RFC 6455 §7.4.1: a policy is violated. */
const POLICY_VIOLATION = 1008;
/** Of the registry that §7.4.2 speaks of: try again later. */
const TRY_AGAIN_LATER = 1013;

let lastId = 0;

/** Has somebody as a guest of the hall for as long as their connection lives. */
export async function greet(hall: Hall, socket: Connection, wantedName?: string): Promise<void> {
  if (hall.full) return dismiss(socket, 'full', TRY_AGAIN_LATER);
  const visit = new Visit(hall, personOn(socket, nameOf(wantedName)));
  let lost = false;
  try {
    for await (const message of socket) await visit.receive(message);
    lost = !(await socket.closed).wasClean;
  } catch (error) {
    if (!(error instanceof BadMessage)) throw error;
    dismiss(socket, 'bad_message', POLICY_VIOLATION, error.message);
  } finally {
    visit.end(lost);
  }
}

function personOn(socket: Connection, name: string): Person {
  const send = (message: string | Uint8Array) => {
    // After our own close `send` would throw: what is said to somebody who is going is not missed.
    if (socket.state === 'open') socket.send(message);
  };
  return {
    id: ++lastId,
    name,
    feeder: new Feeder({ send, drained: () => socket.drained() }),
    send: (message: ServerMessage) => send(JSON.stringify(message)),
  };
}

/** Says why, in words for people and with a close code, and hangs up. */
function dismiss(socket: Connection, code: GoodbyeCode, closeCode: number, reason = ''): void {
  if (socket.state !== 'open') return;
  const goodbye: ServerMessage = { type: 'goodbye', code, message: sentences[code] };
  socket.send(JSON.stringify(goodbye));
  void socket.close(closeCode, reason);
}
