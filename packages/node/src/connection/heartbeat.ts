import { type ConnectionViolationCode, type Protocol, ProtocolError } from '@heddle/core';
import type { ResolvedOptions } from '../options.ts';
import { type TimerWheel, type WheelEntry, wheelFor } from './timer-wheel.ts';

/** What a frame that has begun must bring in `progressTimeoutMs`: a peer that dribbles is no peer. */
const LEAST_PROGRESS_BYTES = 1_024;

/** Whom a heartbeat watches over. */
export interface Patient {
  /** Sends a ping. */
  probe(): void;
  /** Sends something that nobody has to answer. */
  knock(): void;
  /** The peer has been given up. */
  stalled(error: ProtocolError): void;
}

/**
 * Notices that a peer is gone, or pretends to be sending: pings it when it is quiet, gives it up when
 * it stays so, and when a frame does not come on. Any byte counts as a sign of life, not only a pong,
 * which may be stuck behind a large message.
 */
export class Heartbeat implements WheelEntry {
  readonly #protocol: Pick<Protocol, 'withinFrame' | 'framesReceived'>;
  readonly #patient: Patient;
  readonly #wheel: TimerWheel;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  readonly #progressTimeoutMs: number;
  #heardAt: number;
  #pingedAt: number | undefined;
  /** The unfinished frame under watch, by `framesReceived`; since when, and what it has brought. */
  #frame = -1;
  #frameSince = 0;
  #frameBytes = 0;
  #pausedAt: number | undefined;
  /** When something was sent last because nothing is read. */
  #knockedAt = 0;

  constructor(
    protocol: Pick<Protocol, 'withinFrame' | 'framesReceived'>,
    patient: Patient,
    options: Pick<ResolvedOptions, 'heartbeat' | 'progressTimeoutMs'>,
  ) {
    const { heartbeat, progressTimeoutMs } = options;
    this.#protocol = protocol;
    this.#patient = patient;
    this.#intervalMs = heartbeat === false ? Number.POSITIVE_INFINITY : heartbeat.intervalMs;
    this.#timeoutMs = heartbeat === false ? Number.POSITIVE_INFINITY : heartbeat.timeoutMs;
    this.#progressTimeoutMs = progressTimeoutMs;
    this.#wheel = wheelFor(Math.min(this.#intervalMs, this.#timeoutMs, progressTimeoutMs));
    this.#heardAt = this.#wheel.now;
    this.#wheel.schedule(this, this.#wheel.now + Math.min(this.#intervalMs, progressTimeoutMs));
  }

  /** The peer has sent something. */
  heard(byteLength: number): void {
    this.#heardAt = this.#wheel.now;
    this.#pingedAt = undefined;
    this.#frameBytes += byteLength;
    if (this.#protocol.withinFrame) this.#watch(this.#protocol.framesReceived);
    else this.#frame = -1;
  }

  /**
   * It is we who do not read: the clocks stand still, as nothing can be said of the peer but whether it is
   * there. Node sees neither FIN nor RST of a socket that it does not read, but a peer that is gone answers
   * what is sent to it with an RST, and then sending fails.
   */
  pause(): void {
    if (this.#pausedAt !== undefined) return;
    this.#pausedAt = this.#wheel.now;
    this.#knockedAt = this.#pausedAt;
  }

  resume(): void {
    if (this.#pausedAt === undefined) return;
    const stood = this.#wheel.now - this.#pausedAt;
    this.#pausedAt = undefined;
    this.#heardAt += stood;
    if (this.#pingedAt !== undefined) this.#pingedAt += stood;
    this.#frameSince += stood;
  }

  stop(): void {
    this.#wheel.cancel(this);
  }

  check(now: number): number | undefined {
    if (this.#pausedAt !== undefined) {
      if (now - this.#knockedAt >= this.#intervalMs) {
        this.#knockedAt = now;
        this.#patient.knock();
      }
      return now + Math.min(this.#intervalMs, this.#timeoutMs, this.#progressTimeoutMs);
    }
    const fault = this.#silence(now) ?? this.#standstill(now);
    if (fault !== undefined) {
      this.#patient.stalled(new ProtocolError(fault));
      return undefined;
    }
    return Math.min(
      this.#pingedAt === undefined
        ? this.#heardAt + this.#intervalMs
        : // The pong may come, and the next ping be due, long before the timeout.
          Math.min(now + this.#intervalMs, this.#pingedAt + this.#timeoutMs),
      (this.#frame === -1 ? now : this.#frameSince) + this.#progressTimeoutMs,
    );
  }

  #silence(now: number): ConnectionViolationCode | undefined {
    if (this.#pingedAt !== undefined) {
      return now - this.#pingedAt >= this.#timeoutMs ? 'WS_HEARTBEAT_TIMEOUT' : undefined;
    }
    if (now - this.#heardAt >= this.#intervalMs) {
      this.#pingedAt = now;
      this.#patient.probe();
    }
    return undefined;
  }

  #standstill(now: number): ConnectionViolationCode | undefined {
    if (this.#frame === -1 || now - this.#frameSince < this.#progressTimeoutMs) return undefined;
    if (this.#frameBytes < LEAST_PROGRESS_BYTES) return 'WS_FRAME_STALLED';
    this.#frameSince = now;
    this.#frameBytes = 0;
    return undefined;
  }

  #watch(frame: number): void {
    if (this.#frame === frame) return;
    this.#frame = frame;
    this.#frameSince = this.#wheel.now;
    this.#frameBytes = 0;
  }
}
