import { CloseCode } from '@heddle/core';
import { Deferred } from '../deferred.ts';

/** How a connection ended, in the browser's words. */
export interface CloseInfo {
  /** The peer's close code; 1005 if its close frame had none, 1006 if no close frame came. */
  readonly code: number;
  /** The peer's reason, else empty. */
  readonly reason: string;
  /** Whether both sides have sent a close frame. */
  readonly wasClean: boolean;
  /** Why the connection failed: a `ProtocolError`, or the network's error. */
  readonly error: Error | undefined;
}

/** What is known of how a connection ends, while it does. */
export class CloseRecord {
  #frame: { readonly code: number; readonly reason: string } | undefined;
  #error: Error | undefined;
  #info: CloseInfo | undefined;
  /** Made when somebody asks. */
  #closed: Deferred<CloseInfo> | undefined;

  get error(): Error | undefined {
    return this.#error;
  }

  /** Whether the transport is gone. */
  get finished(): boolean {
    return this.#info !== undefined;
  }

  /** Resolves when the transport is gone. Never rejects. */
  get closed(): Promise<CloseInfo> {
    this.#closed ??= new Deferred();
    if (this.#info !== undefined) this.#closed.resolve(this.#info);
    return this.#closed.promise;
  }

  /**
   * Whether `error` is what ends the connection: the first is. §7.1.4: after the closing handshake nothing that
   * happens to TCP makes the close unclean.
   */
  blame(error: Error | undefined): boolean {
    if (this.#frame !== undefined || this.#error !== undefined) return false;
    this.#error = error;
    return error !== undefined;
  }

  /** The peer's close frame has come. */
  received(code: number, reason: string): void {
    this.#frame = { code, reason };
  }

  /** The transport is gone. */
  finish(): CloseInfo {
    const { code, reason } = this.#frame ?? { code: CloseCode.AbnormalClosure, reason: '' };
    const info = { code, reason, wasClean: this.#frame !== undefined, error: this.#error };
    this.#info = info;
    this.#closed?.resolve(info);
    return info;
  }
}
