import { AppUnderTest } from './app-under-test.ts';
import {
  type AppReports,
  type ContractCases,
  describeApp,
  type StartApp,
} from './contract-case.ts';
import type { ContractHarness } from './harness.ts';
import type { Transport } from './transport.ts';

/** Runs one case with a harness over one transport, and ends every application that it started. */
export async function runCase(
  harness: ContractHarness,
  run: ContractCases[string],
  transport: Transport = 'http',
): Promise<void> {
  const apps: AppUnderTest[] = [];
  const start: StartApp = async (description) => {
    const reports: AppReports = { errors: [], statuses: [] };
    const described = describeApp(description, { transport, reports });
    const app = await AppUnderTest.start(harness, described, reports);
    apps.push(app);
    return app;
  };
  const [outcome] = await Promise.allSettled([run(start)]);
  const stops = await Promise.allSettled(apps.map((app) => app.stop()));
  // What the case itself found comes first: an application that cannot end is often a consequence.
  for (const result of [outcome, ...stops]) {
    if (result.status === 'rejected') throw result.reason;
  }
}
