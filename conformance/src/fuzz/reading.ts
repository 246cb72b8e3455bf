/** What an implementation made of a stream of bytes, in a form that can be compared. */
export interface Reading {
  /** `text 48 69`, `binary`, `ping`, `pong` with their bytes in hexadecimal; `close 1000` with those of the reason. */
  readonly events: readonly string[];
  /** It waits for more, or a close frame came, or it failed. */
  readonly end: 'open' | 'closed' | Failure;
}

export interface Failure {
  /** The implementation's own word for what is wrong. */
  readonly code: string;
  /** The status code that it fails the connection with (§7.1.7). */
  readonly closeCode: number;
}

export type EventKind = 'text' | 'binary' | 'ping' | 'pong' | `close ${number}`;

export function formatEvent(kind: EventKind, bytes: Uint8Array): string {
  return `${kind} ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;
}

export function isMessage(event: string): boolean {
  return event.startsWith('text ') || event.startsWith('binary ');
}

export function failureOf({ end }: Reading): Failure | undefined {
  return typeof end === 'object' ? end : undefined;
}

/** The reading for a person: long events are cut. */
export function formatReading({ events, end }: Reading): string {
  const shown = events.map((event) => (event.length > 80 ? `${event.slice(0, 80)}…` : event));
  const how = typeof end === 'object' ? `${end.code} (${end.closeCode})` : end;
  return [...shown, how].map((line) => `    ${line}`).join('\n');
}
