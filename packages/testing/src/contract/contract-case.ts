import type { AppUnderTest } from './app-under-test.ts';
import type { ContractApp, ContractRoute } from './harness.ts';
import { serverFor, type Transport } from './transport.ts';

/** The cases of one theme: each is named by what must be so, and starts the application that it needs. */
export type ContractCases = Readonly<Record<string, (start: StartApp) => Promise<void>>>;

/** Starts an application; when the case is over it is ended, with all its clients. */
export type StartApp = (app: CaseApp) => Promise<AppUnderTest>;

/** What a case must say of its application; the rest is as plain as can be. */
export interface CaseApp
  extends Partial<Omit<ContractApp, 'routes' | 'onError' | 'onResponse' | 'tls' | 'http'>> {
  readonly routes: readonly CaseRoute[];
}

export type CaseRoute = Partial<ContractRoute> & Pick<ContractRoute, 'path'>;

/** What the application reports while it runs. */
export interface AppReports {
  /** What `onError` was called with. */
  readonly errors: unknown[];
  /** The status of each response, as it was sent. */
  readonly statuses: number[];
}

/** The whole application: what a case left out is filled in. */
export function describeApp(
  app: CaseApp,
  { transport, reports }: { readonly transport: Transport; readonly reports: AppReports },
): ContractApp {
  return {
    options: {},
    closeTimeoutMs: 2_000,
    servers: 1,
    ...serverFor(transport),
    session: false,
    rateLimit: undefined,
    helmet: false,
    responseHeaders: {},
    answerError: undefined,
    onError: (error) => reports.errors.push(error),
    onResponse: (status) => reports.statuses.push(status),
    ...app,
    routes: app.routes.map(describeRoute),
  };
}

function describeRoute(route: CaseRoute): ContractRoute {
  return {
    prefix: '',
    before: () => Promise.resolve({}),
    get: undefined,
    ws: undefined,
    options: {},
    ...route,
  };
}
