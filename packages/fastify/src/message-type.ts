import type { SchemaResult, StandardSchema } from '@heddle/node';
import type { FastifySchema, FastifyTypeProvider, RouteGenericInterface } from 'fastify';

/** The types that a WebSocket route can name itself: Fastify's own, and those of its messages. */
export interface WebSocketRouteGeneric extends RouteGenericInterface {
  /** What a client sends. `Reply`, which Fastify has already, is what the server sends. */
  Message?: unknown;
}

/**
 * What a handler receives: the route's own `Message`, else what its `schema.message` yields, else
 * text and bytes as they come.
 */
export type MessageOf<
  RouteGeneric extends WebSocketRouteGeneric,
  SchemaCompiler extends FastifySchema,
  TypeProvider extends FastifyTypeProvider,
> = RouteGeneric extends { Message: infer Message }
  ? Message
  : SchemaCompiler extends { message: infer Schema }
    ? Received<Schema, TypeProvider>
    : string | Buffer;

/** What `send` takes: the route's own `Reply`, else what its `schema.reply` takes, else text and bytes. */
export type ReplyOf<
  RouteGeneric extends WebSocketRouteGeneric,
  SchemaCompiler extends FastifySchema,
  TypeProvider extends FastifyTypeProvider,
> = RouteGeneric extends { Reply: infer Reply }
  ? Reply
  : SchemaCompiler extends { reply: infer Schema }
    ? Sent<Schema, TypeProvider>
    : string | Uint8Array;

// A Standard Schema and a function know their types; those of any other only the type provider knows.
type Received<Schema, TypeProvider extends FastifyTypeProvider> =
  Schema extends StandardSchema<unknown, infer Output>
    ? Output
    : Schema extends (value: unknown) => SchemaResult<infer Output>
      ? Output
      : Provided<Schema, TypeProvider>;

type Sent<Schema, TypeProvider extends FastifyTypeProvider> =
  Schema extends StandardSchema<infer Input, unknown>
    ? Input
    : Schema extends (value: infer Input) => SchemaResult<unknown>
      ? Input
      : Provided<Schema, TypeProvider>;

type Provided<Schema, TypeProvider extends FastifyTypeProvider> = (TypeProvider & {
  schema: Schema;
})['validator'];
