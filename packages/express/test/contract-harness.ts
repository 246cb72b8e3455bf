import {
  type ContractAnswer,
  type ContractApp,
  type ContractHarness,
  type ContractRoute,
  listen,
  stopListening,
} from '@heddle/testing/contract';
import type { Application, RequestHandler, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import session from 'express-session';
import helmet from 'helmet';
import onHeaders from 'on-headers';
import { websocket, ws } from '../src/index.ts';
import type { ExpressCopy } from './express-copies.ts';

/** The contract's applications as a user of Express would write them, for a copy of Express. */
export function harnessFor(express: ExpressCopy): ContractHarness {
  return {
    plainOverHttp1: 'Express replaces the prototype of a request by one of node:http',
    async start(description) {
      const app = express();
      const sockets = websocket(app, { ...description.options, onError: description.onError });
      useMiddleware(app, description);
      for (const route of description.routes) declare(express, app, route);
      answerErrors(app, description);
      const servers = await listen(description, app, { plainOverHttp1: true });
      for (const server of servers) sockets.attach(server);
      return {
        servers,
        async close() {
          await sockets.close({ timeoutMs: description.closeTimeoutMs });
          await stopListening(servers);
        },
      };
    },
  };
}

function useMiddleware(app: Application, description: ContractApp): void {
  const { onResponse, responseHeaders } = description;
  app.use((_request, response, next) => {
    response.on('finish', () => onResponse(response.statusCode));
    onHeaders(response, () => {
      response.set(responseHeaders);
    });
    next();
  });
  if (description.helmet) app.use(helmet());
  if (description.rateLimit !== undefined) {
    app.use(rateLimit({ limit: description.rateLimit, windowMs: 60_000 }));
  }
  if (description.session) {
    app.use(session({ secret: 'secret', resave: false, saveUninitialized: true }));
  }
}

/** Each route in a router of its own, behind the middleware that is the route's. */
function declare(express: ExpressCopy, app: Application, route: ContractRoute): void {
  const { prefix, path, get, ws: handler, options } = route;
  const handlers: RequestHandler[] = [middleware(route)];
  if (handler !== undefined) handlers.push(ws(handler, options));
  if (get !== undefined) handlers.push((request, response) => response.send(get(request)));
  const router = express.Router({ mergeParams: true });
  router.get(path, ...handlers);
  app.use(prefix || '/', router);
}

/** Express 4 does not look at the promise of a middleware, so the users of both catch themselves. */
function middleware({ before }: ContractRoute): RequestHandler {
  return (request, response, next) => {
    before(request).then(({ headers = {}, refuse }) => {
      response.set(headers);
      if (refuse === undefined) next();
      else answer(response, refuse);
    }, next);
  };
}

function answerErrors(app: Application, { answerError }: ContractApp): void {
  if (answerError === undefined) return;
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, _request: unknown, response: Response, _next: unknown) => {
    answer(response, answerError(error));
  });
}

function answer(response: Response, { status, headers, body }: ContractAnswer): void {
  response.status(status).set(headers).send(body);
}
