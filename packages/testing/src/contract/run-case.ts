import { AppUnderTest } from './app-under-test.ts';
import {
  type AppReports,
  type ContractCases,
  describeApp,
  type StartApp,
} from './contract-case.ts';
import type { ContractHarness } from './harness.ts';

/** Runs one case with a harness, and ends every application that it started. */
export async function runCase(harness: ContractHarness, run: ContractCases[string]): Promise<void> {
  const apps: AppUnderTest[] = [];
  const start: StartApp = async (description) => {
    const reports: AppReports = { errors: [], statuses: [] };
    const running = await harness.start(describeApp(description, reports));
    const app = new AppUnderTest(running, reports, description.tls?.cert);
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
