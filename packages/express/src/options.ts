import type { IncomingMessage } from 'node:http';
import {
  type AnyConnection,
  type Connection,
  FrameworkRequests,
  type RequestFunctions,
  type ServerOptions,
  type UpgradeOptions,
} from '@heddle/node';
import type { Request } from 'express';

/** What a WebSocket route can be given; what it leaves out comes from `websocket(app, options)`. */
export interface WebSocketRouteOptions<
  In = string | Buffer,
  Out = string | Uint8Array,
  RouteRequest = Request,
> extends Omit<UpgradeOptions<In, Out>, keyof RequestFunctions<RouteRequest>>,
    RequestFunctions<RouteRequest, Connection<In, Out>> {}

/** What `websocket` takes: the defaults of all routes, and the server's own. */
export interface WebSocketOptions
  extends Omit<ServerOptions<unknown, unknown>, 'schema' | keyof RequestFunctions<Request>>,
    RequestFunctions<Request> {
  /**
   * Whether an upgrade is for this application. Asked only while others listen for the server's
   * upgrades too, as Vite does, and before Express has seen the request.
   */
  readonly owns?: (request: IncomingMessage) => boolean;
  /**
   * Takes what a handler or listener throws or rejects with; the connection then closes with 1011.
   * What goes wrong before it is open goes to Express' error handlers.
   * @default a process warning
   */
  readonly onError?: (error: unknown, socket: AnyConnection, request: Request) => void;
}

/** Has the functions among the options find Express' request, which is Node's own with more to it. */
export const requests: FrameworkRequests<Request> = new FrameworkRequests();
