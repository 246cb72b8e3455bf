import type { Connection, ProtocolError, UpgradeOptions } from '@heddle/node';
import type {
  ContextConfigDefault,
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  FastifySchema,
  FastifyTypeProvider,
  FastifyTypeProviderDefault,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerBase,
  RawServerDefault,
  RouteShorthandOptions,
} from 'fastify';
import type { MessageOf, ReplyOf, WebSocketRouteGeneric } from './message-type.ts';

/**
 * What a route's options say about its connections, beside all that Fastify's own options say about
 * the route. What they leave out comes from the plugin's options.
 */
export interface ConnectionChoices<Socket, Request>
  extends Omit<
    UpgradeOptions<unknown, unknown>,
    'schema' | 'subprotocols' | 'onError' | 'onInvalidMessage'
  > {
  /**
   * The subprotocols that the server speaks, best first, or a function that chooses one of those
   * offered. Without a common one the connection has none (§4.2.2).
   */
  readonly subprotocols?:
    | readonly string[]
    | ((offered: readonly string[], request: Request) => string | undefined);
  /**
   * Takes what the handler or a listener throws or rejects with; the connection then closes with
   * 1011. It stands where Fastify's `onError` hook does on other routes: for errors before the
   * connection is open there are the instance's hooks and `errorHandler`.
   * @default request.log.error
   */
  readonly onError?: (error: unknown, socket: Socket, request: Request) => void;
  /**
   * Takes a message that `schema.message` refuses, in place of closing with 1008 (1003 if it is
   * binary). The connection stays open unless this closes it.
   */
  readonly onInvalidMessage?: (error: ProtocolError, socket: Socket, request: Request) => void;
}

/** Takes the open connection. What it throws or rejects with goes to `onError`. */
export type WebSocketHandler<
  RawServer extends RawServerBase = RawServerDefault,
  RawRequest extends
    RawRequestDefaultExpression<RawServer> = RawRequestDefaultExpression<RawServer>,
  RawReply extends RawReplyDefaultExpression<RawServer> = RawReplyDefaultExpression<RawServer>,
  RouteGeneric extends WebSocketRouteGeneric = WebSocketRouteGeneric,
  ContextConfig = ContextConfigDefault,
  SchemaCompiler extends FastifySchema = FastifySchema,
  TypeProvider extends FastifyTypeProvider = FastifyTypeProviderDefault,
  Logger extends FastifyBaseLogger = FastifyBaseLogger,
> = (
  this: FastifyInstance<RawServer, RawRequest, RawReply, Logger, TypeProvider>,
  socket: Connection<
    MessageOf<RouteGeneric, SchemaCompiler, TypeProvider>,
    ReplyOf<RouteGeneric, SchemaCompiler, TypeProvider>
  >,
  request: FastifyRequest<
    RouteGeneric,
    RawServer,
    RawRequest,
    SchemaCompiler,
    TypeProvider,
    ContextConfig,
    Logger
  >,
) => unknown;

/** The options of `app.ws(path, options, handler)`. */
export type WebSocketRouteOptions<
  RawServer extends RawServerBase = RawServerDefault,
  RawRequest extends
    RawRequestDefaultExpression<RawServer> = RawRequestDefaultExpression<RawServer>,
  RawReply extends RawReplyDefaultExpression<RawServer> = RawReplyDefaultExpression<RawServer>,
  RouteGeneric extends WebSocketRouteGeneric = WebSocketRouteGeneric,
  ContextConfig = ContextConfigDefault,
  SchemaCompiler extends FastifySchema = FastifySchema,
  TypeProvider extends FastifyTypeProvider = FastifyTypeProviderDefault,
  Logger extends FastifyBaseLogger = FastifyBaseLogger,
> = Omit<
  RouteShorthandOptions<
    RawServer,
    RawRequest,
    RawReply,
    RouteGeneric,
    ContextConfig,
    SchemaCompiler,
    TypeProvider,
    Logger
  >,
  'onError'
> &
  ConnectionChoices<
    Connection<
      MessageOf<RouteGeneric, NoInfer<SchemaCompiler>, TypeProvider>,
      ReplyOf<RouteGeneric, NoInfer<SchemaCompiler>, TypeProvider>
    >,
    FastifyRequest<
      RouteGeneric,
      RawServer,
      RawRequest,
      NoInfer<SchemaCompiler>,
      TypeProvider,
      ContextConfig,
      Logger
    >
  >;

/** `app.ws`: declares a WebSocket route. A plain GET may be declared on the same path. */
export interface WebSocketRouteMethod<
  RawServer extends RawServerBase = RawServerDefault,
  RawRequest extends
    RawRequestDefaultExpression<RawServer> = RawRequestDefaultExpression<RawServer>,
  RawReply extends RawReplyDefaultExpression<RawServer> = RawReplyDefaultExpression<RawServer>,
  TypeProvider extends FastifyTypeProvider = FastifyTypeProviderDefault,
  Logger extends FastifyBaseLogger = FastifyBaseLogger,
> {
  <
    RouteGeneric extends WebSocketRouteGeneric = WebSocketRouteGeneric,
    ContextConfig = ContextConfigDefault,
    const SchemaCompiler extends FastifySchema = FastifySchema,
  >(
    path: string,
    options: WebSocketRouteOptions<
      RawServer,
      RawRequest,
      RawReply,
      RouteGeneric,
      ContextConfig,
      SchemaCompiler,
      TypeProvider,
      Logger
    >,
    handler: WebSocketHandler<
      RawServer,
      RawRequest,
      RawReply,
      RouteGeneric,
      ContextConfig,
      SchemaCompiler,
      TypeProvider,
      Logger
    >,
  ): FastifyInstance<RawServer, RawRequest, RawReply, Logger, TypeProvider>;
  <
    RouteGeneric extends WebSocketRouteGeneric = WebSocketRouteGeneric,
    ContextConfig = ContextConfigDefault,
  >(
    path: string,
    handler: WebSocketHandler<
      RawServer,
      RawRequest,
      RawReply,
      RouteGeneric,
      ContextConfig,
      FastifySchema,
      TypeProvider,
      Logger
    >,
  ): FastifyInstance<RawServer, RawRequest, RawReply, Logger, TypeProvider>;
}
