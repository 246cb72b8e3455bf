import { byteText } from '../shared/byte-text.ts';
import type { Action, ChecksumLine, RowContent } from './file-row.ts';
import type { OutgoingFile } from './outgoing-file.ts';
import { deliveredText, peopleText, progressText } from './progress-text.ts';
import type { Session } from './session.ts';

/** What the page says about a file that it sends. */
export function outgoingRow(file: OutgoingFile, session: Session): RowContent {
  const { size } = file.file;
  const isShown = file.status === 'sending' || file.status === 'stored';
  return {
    name: file.name,
    size: byteText(size),
    note: noteOf(file),
    ...lookOf(file),
    state: stateOf(file, session),
    progress: isShown ? progressOf(file) : undefined,
    checksums: checksumsOf(file),
    actions: actionsOf(file, session),
  };
}

function lookOf({ status, receivers }: OutgoingFile): Pick<RowContent, 'tone' | 'icon'> {
  if (status === 'waiting' || status === 'offered') return { tone: 'waiting', icon: 'waiting' };
  if (status === 'sending' || status === 'stored') return { tone: 'active', icon: 'up' };
  if (status === 'cancelled') return { tone: 'over', icon: 'stopped' };
  const isGood = status === 'delivered' && receivers.different === 0 && receivers.have > 0;
  return isGood ? { tone: 'good', icon: 'done' } : { tone: 'bad', icon: 'wrong' };
}

function noteOf({ status, receivers: { total, have } }: OutgoingFile): string {
  if (total === 0 || status === 'delivered') return 'To everybody here';
  return `To everybody here: ${have} of ${total} ${total === 1 ? 'has' : 'have'} it`;
}

function stateOf(file: OutgoingFile, session: Session): string {
  switch (file.status) {
    case 'waiting':
      return waitingText(session);
    case 'offered':
      return 'Asking the server…';
    case 'sending':
      return progressText('sent', file.taken, file.file.size, file.rate);
    case 'stored':
      return storedText(file);
    case 'delivered':
      return deliveredText(file.receivers);
    case 'failed':
      return file.problem;
    case 'cancelled':
      return 'You cancelled it.';
  }
}

function waitingText({ line, people }: Session): string {
  if (line.state.status !== 'online') return 'Waits until this page is online.';
  if (people.length < 2) return 'Waits until somebody else is here.';
  return 'Waits for the files before it.';
}

function storedText({ file, receivers }: OutgoingFile): string {
  if (receivers.slowestBytes >= file.size) return 'All of it is on the server.';
  const percent = Math.floor((receivers.slowestBytes / file.size) * 100);
  return `All of it is on the server; the slowest receiver has ${percent} %.`;
}

/** The sender's part of the way, then the slowest receiver's. */
function progressOf({ status, taken, receivers, file: { size } }: OutgoingFile): number {
  if (size === 0) return 1;
  return (status === 'sending' ? taken : receivers.slowestBytes) / size;
}

function checksumsOf({ checksums, receivers }: OutgoingFile): ChecksumLine[] {
  if (checksums === undefined) return [];
  const { sender, server } = checksums;
  const word = receivers.different === 0 ? 'same' : 'different';
  const counted = receivers.have + receivers.different;
  const lines: ChecksumLine[] = [
    { whose: 'Here', sha256: sender },
    { whose: 'Server', sha256: server, word: sender === server ? 'same' : 'different' },
  ];
  if (counted > 0) lines.push({ whose: `${peopleText(counted)} who got it`, word });
  return lines;
}

function actionsOf(file: OutgoingFile, session: Session): Action[] {
  if (file.live) return [{ label: 'Cancel', run: () => session.cancel(file) }];
  const remove: Action = { label: 'Remove', run: () => session.forget(file) };
  if (file.status === 'delivered' && file.receivers.different === 0) return [remove];
  return [{ label: 'Send again', run: () => session.shareAgain(file) }, remove];
}
