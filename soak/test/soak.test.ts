import { beforeAll, describe, expect, it } from 'vitest';
import { type Attack, attacks } from '../src/hostile/index.ts';
import { faultsIn, type SoakReport } from '../src/report.ts';
import { formatReport } from '../src/report-table.ts';
import { soak } from '../src/soak.ts';
import { startFaultyServer } from './faulty-server.ts';

/** One of each few: `hostile.test.ts` has all. */
const some = attacks.filter((_, index) => index % 5 === 0);

const pace = { peers: 1, restMs: 2_000 };

describe('Well-behaved clients beside hostile peers', () => {
  let report: SoakReport;
  beforeAll(async () => {
    report = await soak({ seconds: 4, clients: 50, seed: 1, pace, attacks: some });
  }, 120_000);

  it('lose nothing, are closed as they should be, and leave nothing behind', () => {
    expect({ faults: faultsIn(report), report }).toEqual({ faults: [], report });
    expect(formatReport(report).join('\n')).toMatch(/messages lost +0\n +corrupted +0\n/);
  });

  it('have come and gone in every way, while each attack was played', () => {
    const { attacks: played, clients } = report;
    expect(clients.received).toBeGreaterThan(100);
    for (const count of Object.values(clients.partings)) expect(count).toBeGreaterThan(0);
    expect(Object.keys(played.played)).toEqual(some.map(({ name }) => name));
  });
});

describe('A server that makes mistakes', () => {
  let report: SoakReport;
  beforeAll(async () => {
    const wrong: Attack = {
      name: 'a peer that is served otherwise than it should be',
      play: () => Promise.reject(new Error('served')),
    };
    const attacks = [wrong];
    const startServer = startFaultyServer;
    const shared = { seconds: 2, clients: 50, seed: 2, pace, patienceMs: 1_000 };
    report = await soak({ ...shared, attacks, startServer });
  }, 120_000);

  it.each(['lost', 'corrupted', 'repeated', 'wrongCloses'] as const)(
    'is found out by what is %s',
    (fault) => {
      expect(report.clients[fault]).toBeGreaterThan(0);
    },
  );

  it('is found out by what it does to hostile peers, and by its own warnings', () => {
    expect(report.attacks.unexpected).toBeGreaterThan(0);
    expect(faultsIn(report)).toContain('unhandled errors: 1');
  });

  it('fails, in words', () => {
    const lines = formatReport(report);
    for (const what of ['messages lost', 'messages corrupted', 'wrong closes', 'unexpected']) {
      expect(lines.some((line) => line.startsWith(`FAILED: ${what}`))).toBe(true);
    }
  });
});
