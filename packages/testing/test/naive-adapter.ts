import type { IncomingMessage } from 'node:http';
import { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { casesOf, reasonAgainst } from '../src/contract/case-table.ts';
import type { ContractCases } from '../src/contract/contract-case.ts';
import {
  type ContractHarness,
  listen,
  PlainFramework,
  stopListening,
  type Transport,
} from '../src/contract/index.ts';
import { runCase } from '../src/contract/run-case.ts';
import { acceptConnect, isConnect, listenToConnect } from './naive-http2-adapter.ts';
import { serve } from './naive-socket.ts';

/**
 * An adapter as they are usually written around `ws`: it runs the framework on the upgrade request,
 * then has `ws` write the 101 past it. The contract must tell what that costs.
 */
const naiveAdapter: ContractHarness = {
  async start(app) {
    const sockets = new WebSocketServer({
      noServer: true,
      maxPayload: app.options.limits?.maxMessageBytes ?? 2 ** 20,
    });
    const heads = new WeakMap<IncomingMessage, Buffer>();
    const framework = new PlainFramework(
      app,
      (request) => heads.has(request) || isConnect(request),
      (upgrade) => {
        if (isConnect(upgrade.request)) return acceptConnect(app, upgrade);
        const head = heads.get(upgrade.request) ?? Buffer.alloc(0);
        upgrade.response.detachSocket(upgrade.request.socket);
        sockets.handleUpgrade(upgrade.request, upgrade.request.socket, head, (socket) =>
          serve(app, upgrade, socket),
        );
      },
    );
    const servers = await listen(app, framework.dispatch);
    for (const server of servers) {
      listenToConnect(server, framework.dispatch);
      server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
        if (!(stream instanceof Socket)) return;
        // Without this a client that resets would end the process, and with it these tests.
        stream.on('error', () => stream.destroy());
        heads.set(request, head);
        const response = new ServerResponse(request);
        try {
          response.assignSocket(stream);
        } catch {
          // An earlier request is not answered yet; it would end the process, and these tests.
          stream.destroy();
          return;
        }
        response.on('finish', () => stream.destroySoon());
        framework.dispatch(request, response);
      });
    }
    return {
      servers,
      close: async () => {
        for (const socket of sockets.clients) socket.terminate();
        await stopListening(servers);
      },
    };
  },
};

/**
 * The names of the cases that this adapter keeps all the same. They run side by side, since those that
 * fail do so by waiting, but for the leaks, which count what the others have.
 */
export async function keptByNaiveAdapter(transport: Transport): Promise<string[]> {
  const { leaks = {}, ...others } = casesOf(transport);
  const themes = Object.entries(others).map(([theme, cases]) => keptOf(theme, cases, transport));
  const kept = await Promise.all(themes);
  return [...kept.flat(), ...(await keptOf('leaks', leaks, transport))];
}

async function keptOf(theme: string, cases: ContractCases, transport: Transport) {
  const possible = Object.entries(cases).filter(
    ([title]) => reasonAgainst({ theme, title }, naiveAdapter, transport) === undefined,
  );
  const runs = await Promise.allSettled(
    possible.map(([, run]) => runCase(naiveAdapter, run, transport)),
  );
  return possible.map(([title]) => title).filter((_, index) => runs[index]?.status === 'fulfilled');
}
