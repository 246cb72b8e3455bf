import {
  type ContractHarness,
  listen,
  PlainFramework,
  stopListening,
} from '@heddle/testing/contract';
import { pendingUpgrade } from '../src/server/pending-upgrade.ts';
import { routeUpgrades } from '../src/server/route-upgrades.ts';

/** The contract's applications for `node:http` itself: `routeUpgrades` and a framework that is hardly one. */
export const harness: ContractHarness = {
  async start(app) {
    const framework = new PlainFramework(
      app,
      (request) => pendingUpgrade(request) !== undefined,
      ({ request, response, route, described }) => {
        pendingUpgrade(request)?.accept(route.options, (socket) => route.ws?.(socket, described));
        response.writeHead(101).end();
      },
    );
    const servers = await listen(app, framework.dispatch);
    const sockets = routeUpgrades(undefined, framework.dispatch, {
      ...app.options,
      onError: app.onError,
    });
    for (const server of servers) sockets.attach(server);
    return {
      servers,
      close: async () => {
        await sockets.close({ timeoutMs: app.closeTimeoutMs });
        await stopListening(servers);
      },
    };
  },
};
