import type { ProtocolError } from '@heddle/core';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Heartbeat, type Patient } from '../../src/connection/heartbeat.ts';
import type { ResolvedOptions } from '../../src/options.ts';
import { resolveOptions } from '../../src/resolve-options.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A connection as its heartbeat sees it. It does what the test says. */
class Subject implements Patient {
  withinFrame = false;
  framesReceived = 0;
  probes = 0;
  knocks = 0;
  readonly faults: string[] = [];
  readonly #heartbeat: Heartbeat;

  constructor(options: Partial<ResolvedOptions> = {}) {
    this.#heartbeat = new Heartbeat(this, this, { ...resolveOptions({}), ...options });
  }

  probe(): void {
    this.probes++;
  }

  knock(): void {
    this.knocks++;
  }

  stalled(error: ProtocolError): void {
    this.faults.push(error.code);
  }

  /** Time passes, and the peer sends nothing. */
  waits(ms: number): void {
    vi.advanceTimersByTime(ms);
  }

  /** Part of a frame comes. */
  getsBytes(byteLength: number): void {
    this.withinFrame = true;
    this.#heartbeat.heard(byteLength);
  }

  getsWholeFrame(): void {
    this.framesReceived++;
    this.withinFrame = false;
    this.#heartbeat.heard(6);
  }

  pauses(): void {
    this.#heartbeat.pause();
  }

  resumes(): void {
    this.#heartbeat.resume();
  }

  stops(): void {
    this.#heartbeat.stop();
  }
}

function subject(options?: Partial<ResolvedOptions>): Subject {
  const made = new Subject(options);
  // The wheel is the process's own, and goes on into the next test with what is still in it.
  onTestFinished(() => made.stops());
  return made;
}

describe('A peer that is quiet', () => {
  it('is pinged after 30 s and given up after 10 s more', () => {
    const peer = subject();
    peer.waits(29_000);
    expect(peer.probes).toBe(0);
    peer.waits(2_000);
    expect(peer.probes).toBe(1);
    peer.waits(8_000);
    expect(peer.faults).toEqual([]);
    peer.waits(2_000);
    expect(peer.faults).toEqual(['WS_HEARTBEAT_TIMEOUT']);
    expect(peer.probes).toBe(1);
  });

  it('is pinged each time that it was quiet for the interval, however long it may take to answer', () => {
    const peer = subject({ heartbeat: { intervalMs: 1_000, timeoutMs: 10_000 } });
    for (const probes of [1, 2, 3]) {
      peer.waits(1_200);
      expect(peer.probes).toBe(probes);
      peer.getsWholeFrame();
    }
    peer.waits(1_200 + 9_500);
    expect(peer.faults).toEqual([]);
    peer.waits(1_000);
    expect(peer.faults).toEqual(['WS_HEARTBEAT_TIMEOUT']);
    expect(peer.probes).toBe(4);
  });

  it('is given up once, and then left alone', () => {
    const peer = subject();
    peer.waits(200_000);
    expect(peer.faults).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is alive with any byte, before the ping and after it', () => {
    const peer = subject();
    for (let minute = 0; minute < 10; minute++) {
      peer.waits(25_000);
      peer.getsBytes(4_096);
    }
    expect(peer.probes).toBe(0);
    peer.getsWholeFrame();
    for (let round = 0; round < 10; round++) {
      peer.waits(38_000);
      peer.getsWholeFrame();
    }
    expect(peer.probes).toBe(10);
    expect(peer.faults).toEqual([]);
  });

  it('is not pinged with heartbeat: false', () => {
    const peer = subject({ heartbeat: false });
    peer.waits(1_000_000);
    expect(peer.probes).toBe(0);
    expect(peer.faults).toEqual([]);
  });

  it('is judged by the options', () => {
    const peer = subject({ heartbeat: { intervalMs: 100, timeoutMs: 50 } });
    peer.waits(110);
    expect(peer.probes).toBe(1);
    peer.waits(60);
    expect(peer.faults).toEqual(['WS_HEARTBEAT_TIMEOUT']);
  });
});

describe('While it is we who do not read', () => {
  it('no peer is pinged or given up', () => {
    const peer = subject();
    peer.waits(20_000);
    peer.pauses();
    peer.pauses();
    peer.waits(1_000_000);
    expect(peer.probes).toBe(0);
    expect(peer.faults).toEqual([]);
  });

  it('the clocks stand still: afterwards a peer has the time that was left', () => {
    const peer = subject();
    peer.waits(5_000);
    peer.pauses();
    peer.waits(300_000);
    // Twice is once.
    peer.pauses();
    peer.waits(203_000);
    peer.resumes();
    peer.waits(23_000);
    expect(peer.probes).toBe(0);
    peer.waits(4_000);
    expect(peer.probes).toBe(1);
  });

  it('the answer to a ping may lie unread', () => {
    const peer = subject();
    peer.waits(31_000);
    expect(peer.probes).toBe(1);
    peer.pauses();
    peer.waits(14_000);
    peer.resumes();
    peer.waits(7_000);
    expect(peer.faults).toEqual([]);
    peer.waits(4_000);
    expect(peer.faults).toEqual(['WS_HEARTBEAT_TIMEOUT']);
  });

  it('the peer is sent something each interval, which it need not answer', () => {
    const peer = subject();
    peer.pauses();
    peer.waits(29_000);
    expect(peer.knocks).toBe(0);
    peer.waits(92_000);
    expect(peer.knocks).toBe(4);
    expect([peer.probes, peer.faults]).toEqual([0, []]);
    peer.resumes();
    peer.waits(20_000);
    expect(peer.knocks).toBe(4);
    const silent = subject({ heartbeat: false });
    silent.pauses();
    silent.waits(500_000);
    expect(silent.knocks).toBe(0);
  });

  it('a peer that is dead is not kept alive by pauses', () => {
    const peer = subject();
    for (let second = 0; second < 100; second++) {
      peer.pauses();
      peer.waits(2_000);
      peer.resumes();
      peer.waits(2_000);
    }
    expect(peer.faults).toEqual(['WS_HEARTBEAT_TIMEOUT']);
  });

  it('a frame that has begun may stand still', () => {
    const peer = subject({ heartbeat: false });
    peer.getsBytes(10);
    peer.waits(10_000);
    peer.pauses();
    peer.waits(305_000);
    peer.resumes();
    peer.waits(17_000);
    expect(peer.faults).toEqual([]);
    peer.waits(5_000);
    expect(peer.faults).toEqual(['WS_FRAME_STALLED']);
  });
});

describe('A frame that has begun', () => {
  it('has 30 s to bring another 1,024 bytes', () => {
    const peer = subject({ heartbeat: false });
    peer.waits(12_000);
    peer.getsBytes(500);
    peer.waits(15_000);
    peer.getsBytes(500);
    peer.waits(14_000);
    expect(peer.faults).toEqual([]);
    peer.waits(3_000);
    expect(peer.faults).toEqual(['WS_FRAME_STALLED']);
  });

  it('cannot be kept alive byte by byte', () => {
    const peer = subject();
    for (let second = 0; second < 40; second++) {
      peer.getsBytes(1);
      peer.waits(1_000);
    }
    expect(peer.faults).toEqual(['WS_FRAME_STALLED']);
  });

  it('may take as long as it likes while it comes on', () => {
    const peer = subject();
    for (let hour = 0; hour < 120; hour++) {
      peer.getsBytes(600);
      peer.waits(10_000);
    }
    expect(peer.faults).toEqual([]);
  });

  it('is not the next one: each has its own time', () => {
    const peer = subject({ heartbeat: false });
    for (let frame = 0; frame < 20; frame++) {
      peer.getsBytes(3);
      peer.waits(20_000);
      peer.getsWholeFrame();
    }
    expect(peer.faults).toEqual([]);
    peer.waits(100_000);
    expect(peer.faults).toEqual([]);
  });

  it('may follow the one before in the same read', () => {
    const peer = subject({ heartbeat: false });
    for (let frame = 0; frame < 20; frame++) {
      peer.framesReceived++;
      peer.getsBytes(3);
      peer.waits(20_000);
    }
    expect(peer.faults).toEqual([]);
    peer.waits(20_000);
    expect(peer.faults).toEqual(['WS_FRAME_STALLED']);
  });
});

describe('A heartbeat that has stopped', () => {
  it('has no timer, and does nothing', () => {
    const peer = subject();
    expect(vi.getTimerCount()).toBe(1);
    peer.stops();
    expect(vi.getTimerCount()).toBe(0);
    peer.waits(100_000);
    expect(peer.probes).toBe(0);
  });
});
