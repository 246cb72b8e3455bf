import type { Connection, InjectOptions } from '@heddle/node';
import type {
  ContextConfigDefault,
  FastifyBaseLogger,
  FastifySchema,
  FastifyTypeProvider,
  FastifyTypeProviderDefault,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerBase,
  RawServerDefault,
  RouteGenericInterface,
} from 'fastify';
import type { MessageOf, ReplyOf, WebSocketRouteGeneric } from './message-type.ts';
import type {
  ConnectionChoices,
  WebSocketHandler,
  WebSocketRouteMethod,
  WebSocketRouteOptions,
} from './websocket-route.ts';
import type { WebSocketServer } from './websocket-server.ts';

declare module 'fastify' {
  interface FastifyInstance<RawServer, RawRequest, RawReply, Logger, TypeProvider> {
    /** Declares a WebSocket route. */
    ws: WebSocketRouteMethod<RawServer, RawRequest, RawReply, TypeProvider, Logger>;
    /** Every connection of this server, and what helpers written for `ws` look for. */
    websocketServer: WebSocketServer;
    /**
     * Opens a WebSocket without a port: the request goes through the real server and all of its
     * hooks. Rejects with `HandshakeRefusedError` (`status`, `headers`, `body`) if it is refused.
     */
    injectWS<In = string | Buffer, Out = string | Uint8Array>(
      path: string,
      options?: InjectOptions,
    ): Promise<Connection<In, Out>>;
    route<
      RouteGeneric extends WebSocketRouteGeneric = WebSocketRouteGeneric,
      ContextConfig = ContextConfigDefault,
      const SchemaCompiler extends FastifySchema = FastifySchema,
    >(
      options: WebSocketRouteOptions<
        RawServer,
        RawRequest,
        RawReply,
        RouteGeneric,
        ContextConfig,
        SchemaCompiler,
        TypeProvider,
        Logger
      > & {
        method: 'GET' | 'get';
        url: string;
        websocket: true;
        handler: WebSocketHandler<
          RawServer,
          RawRequest,
          RawReply,
          RouteGeneric,
          ContextConfig,
          SchemaCompiler,
          TypeProvider,
          Logger
        >;
      },
    ): FastifyInstance<RawServer, RawRequest, RawReply, Logger, TypeProvider>;
  }

  interface FastifyRequest {
    /** Whether this request asks for a WebSocket. */
    readonly ws: boolean;
  }

  interface FastifySchema {
    /** What each message of a WebSocket route's client must look like. */
    message?: unknown;
    /** What each message that a WebSocket route sends must look like. */
    reply?: unknown;
  }

  interface RouteShorthandOptions {
    /** Makes the route's handler one for WebSockets, called with `(socket, request)`. */
    websocket?: boolean;
  }

  interface RouteShorthandMethod<RawServer, RawRequest, RawReply, TypeProvider, Logger> {
    // biome-ignore lint/style/useShorthandFunctionType: only an interface merges with Fastify's.
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
      > & { websocket: true },
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
  }

  interface RouteOptions<
    RawServer extends RawServerBase = RawServerDefault,
    RawRequest extends
      RawRequestDefaultExpression<RawServer> = RawRequestDefaultExpression<RawServer>,
    RawReply extends RawReplyDefaultExpression<RawServer> = RawReplyDefaultExpression<RawServer>,
    RouteGeneric extends RouteGenericInterface = RouteGenericInterface,
    ContextConfig = ContextConfigDefault,
    SchemaCompiler extends FastifySchema = FastifySchema,
    TypeProvider extends FastifyTypeProvider = FastifyTypeProviderDefault,
    Logger extends FastifyBaseLogger = FastifyBaseLogger,
  > extends Omit<
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
      >,
      'onError'
    > {
    /** A WebSocket route on the same path as `handler`, which serves plain GETs. */
    wsHandler?: WebSocketHandler<
      RawServer,
      RawRequest,
      RawReply,
      RouteGeneric,
      ContextConfig,
      SchemaCompiler,
      TypeProvider,
      Logger
    >;
  }
}
