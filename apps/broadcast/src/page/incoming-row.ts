import { byteText } from '../shared/byte-text.ts';
import type { Action, ChecksumLine, RowContent } from './file-row.ts';
import type { IncomingFile } from './incoming-file.ts';
import { progressText } from './progress-text.ts';
import type { Session } from './session.ts';

/** What the page says about a file that it receives. */
export function incomingRow(file: IncomingFile, session: Session): RowContent {
  const { name, from, size, received } = file;
  return {
    name,
    size: byteText(size),
    note: `From ${from}`,
    ...lookOf(file),
    state: stateOf(file),
    progress: file.live ? (size === 0 ? 1 : received / size) : undefined,
    checksums: checksumsOf(file),
    actions: actionsOf(file, session),
  };
}

function lookOf({ status, url }: IncomingFile): Pick<RowContent, 'tone' | 'icon'> {
  switch (status) {
    case 'receiving':
      return { tone: 'active', icon: 'down' };
    case 'interrupted':
      return { tone: 'waiting', icon: 'waiting' };
    case 'complete':
      return url === undefined ? { tone: 'bad', icon: 'wrong' } : { tone: 'good', icon: 'done' };
    case 'failed':
      return { tone: 'bad', icon: 'wrong' };
    case 'cancelled':
      return { tone: 'over', icon: 'stopped' };
  }
}

function stateOf(file: IncomingFile): string {
  switch (file.status) {
    case 'receiving':
      return progressText('received', file.received, file.size, file.rate);
    case 'interrupted':
      return 'The connection was lost. It goes on from here if the server still has it then.';
    case 'complete':
      return file.url === undefined
        ? `This is not what ${file.from} sent, so it cannot be saved. Ask for it again.`
        : `Complete, and the same as ${file.from} sent.`;
    case 'failed':
      return file.problem;
    case 'cancelled':
      return 'You cancelled it. The others still get it.';
  }
}

function checksumsOf({ checksums, from }: IncomingFile): ChecksumLine[] {
  if (checksums === undefined) return [];
  const { sender, server, here } = checksums;
  const compare = (sha256: string) => (sha256 === here ? 'same' : 'different');
  return [
    { whose: 'Here', sha256: here },
    { whose: 'Server', sha256: server, word: compare(server) },
    { whose: from, sha256: sender, word: compare(sender) },
  ];
}

function actionsOf(file: IncomingFile, session: Session): Action[] {
  if (file.live) return [{ label: 'Cancel', run: () => session.cancel(file) }];
  const remove: Action = { label: 'Remove', run: () => session.forget(file) };
  if (file.url === undefined) return [remove];
  return [{ label: 'Save', url: file.url, run: () => undefined }, remove];
}
