import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { casesOf, caseTable, http2CaseTable, reasonAgainst } from './case-table.ts';
import type { ContractHarness } from './harness.ts';
import { ProcessWatch } from './process-watch.ts';
import { runCase } from './run-case.ts';
import type { Transport } from './transport.ts';

/** More than any case needs, and less than a hang. */
const CASE_TIMEOUT_MS = 20_000;

export interface AdapterContractOptions {
  /**
   * What the clients of all cases speak. Over `'http2'` there are cases more, and those of HTTP/1.1 that
   * it cannot have are reported with the reason.
   * @default 'http'
   */
  readonly transport?: Transport;
}

/**
 * What every adapter promises, as tests for Vitest: call it in a test file of the adapter, one for each
 * transport. `name` is the framework with its major version. All cases go through TCP, so that nothing
 * is taken on trust.
 *
 * No case may leave an error that nobody caught, or a warning of Node's.
 */
export function adapterContract(
  name: string,
  harness: ContractHarness,
  { transport = 'http' }: AdapterContractOptions = {},
): void {
  describe(`The contract of adapters: ${name} over ${TRANSPORT_NAMES[transport]}`, () => {
    const watch = new ProcessWatch();
    beforeAll(() => watch.start());
    afterAll(() => watch.stop());
    afterEach(async () => {
      await watch.settled();
      expect(watch.incidents.splice(0)).toEqual([]);
    });

    for (const [theme, cases] of Object.entries(casesOf(transport))) {
      describe(theme, () => {
        for (const [title, run] of Object.entries(cases)) {
          const reason = reasonAgainst({ theme, title }, harness, transport);
          if (reason !== undefined) it(`cannot be had: ${title}. ${reason}`, () => {});
          else it(title, () => runCase(harness, run, transport), CASE_TIMEOUT_MS);
        }
      });
    }

    it('knows every case that the harness says it cannot have, and the reason', () => {
      const titles = [caseTable, http2CaseTable].flatMap(titlesOf);
      for (const [title, reason] of Object.entries(harness.cannot ?? {})) {
        expect(titles).toContain(title);
        expect(reason).not.toBe('');
      }
    });
  });
}

const TRANSPORT_NAMES: Readonly<Record<Transport, string>> = {
  http: 'HTTP',
  https: 'HTTPS',
  http2: 'HTTP/2',
};

function titlesOf(table: typeof caseTable): string[] {
  return Object.values(table).flatMap((cases) => Object.keys(cases));
}
