import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { caseTable } from './case-table.ts';
import type { ContractHarness } from './harness.ts';
import { ProcessWatch } from './process-watch.ts';
import { runCase } from './run-case.ts';

/** More than any case needs, and less than a hang. */
const CASE_TIMEOUT_MS = 20_000;

/**
 * What every adapter promises, as tests for Vitest: call it in a test file of the adapter. `name` is
 * the framework with its major version. All cases go through TCP, so that nothing is taken on trust.
 *
 * No case may leave an error that nobody caught, or a warning of Node's.
 */
export function adapterContract(name: string, harness: ContractHarness): void {
  const cannot = new Map(Object.entries(harness.cannot ?? {}));

  describe(`The contract of adapters: ${name}`, () => {
    const watch = new ProcessWatch();
    beforeAll(() => watch.start());
    afterAll(() => watch.stop());
    afterEach(async () => {
      await watch.settled();
      expect(watch.incidents.splice(0)).toEqual([]);
    });

    for (const [theme, cases] of Object.entries(caseTable)) {
      describe(theme, () => {
        for (const [title, run] of Object.entries(cases)) {
          const reason = cannot.get(title);
          cannot.delete(title);
          if (reason === undefined) it(title, () => runCase(harness, run), CASE_TIMEOUT_MS);
          else it(`cannot be had: ${title}. ${reason}`, () => expect(reason).not.toBe(''));
        }
      });
    }

    it('knows every case that the harness says it cannot have', () => {
      expect([...cannot.keys()]).toEqual([]);
    });
  });
}
