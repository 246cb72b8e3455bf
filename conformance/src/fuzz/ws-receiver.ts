import * as all from 'ws';

/** The parser of `ws`, which its types leave out: `'message'`, `'ping'`, `'pong'` and `'conclude'` are its events. */
export interface WsReceiver {
  on(event: 'message', listener: (bytes: Buffer, binary: boolean) => void): this;
  on(event: 'ping' | 'pong', listener: (payload: Buffer) => void): this;
  on(event: 'conclude', listener: (code: number, reason: Buffer) => void): this;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): this;
  write(bytes: Uint8Array, callback: () => void): boolean;
  destroy(): void;
}

export interface WsReceiverOptions {
  readonly isServer: boolean;
  readonly maxPayload: number;
  readonly maxFragments: number;
  readonly extensions: Readonly<Record<string, WsDeflate>>;
}

export interface WsDeflate {
  /** Each parameter with all of its values, as they were parsed. */
  accept(statements: readonly Record<string, readonly (string | true)[]>[]): unknown;
  cleanup(): void;
}

export interface WsDeflateOptions {
  readonly isServer: boolean;
  readonly maxPayload: number;
}

/** What a header field says, extension by extension; a value of `true` is a parameter without one. */
export type WsExtensions = Readonly<
  Record<string, readonly Readonly<Record<string, readonly (string | true)[]>>[]>
>;

/** What `ws` exports and its types do not know. */
export const ws = all as unknown as {
  readonly Receiver: new (options: WsReceiverOptions) => WsReceiver;
  readonly PerMessageDeflate: new (options: WsDeflateOptions) => WsDeflate;
  /** Throws a `SyntaxError`. */
  readonly extension: { parse(header: string): WsExtensions };
};
