import type { MessageSchema } from '@heddle/node';
import type { FastifyInstance, FastifyRequest, FastifySchemaCompiler, RouteOptions } from 'fastify';
import { CompiledSchema } from './compiled-schema.ts';

type Compiler = FastifySchemaCompiler<object>;

/** `@heddle/node`'s `schema` option, for messages of any type. */
interface SchemaOption {
  readonly message?: MessageSchema<unknown>;
  readonly reply?: MessageSchema<unknown, unknown>;
}

/**
 * The schemas of a route's messages. A Standard Schema or a function is taken as it is; anything
 * else is for the validator compiler of the route, or of the instance that the route belongs to.
 */
export class MessageSchemas {
  readonly option: SchemaOption;
  readonly #compiled: CompiledSchema[] = [];
  readonly #route: RouteOptions;

  constructor(route: RouteOptions) {
    this.#route = route;
    const { message, reply } = route.schema ?? {};
    this.option = {
      ...(message !== undefined && { message: this.#received(message) }),
      ...(reply !== undefined && { reply: this.#sent(reply) }),
    };
  }

  /**
   * Compiles when the application is ready, so that a mistake in a schema shows before a client
   * does. Only if no route of the instance has a schema for its requests, Fastify has made no
   * compiler by then; `compileFor` the first upgrade makes it.
   */
  compileWhenReady(instance: FastifyInstance): void {
    if (this.#compiled.length === 0) return;
    const { url, validatorCompiler } = this.#route;
    instance.addHook('onReady', async () => {
      const compiler: Compiler | undefined = validatorCompiler ?? instance.validatorCompiler;
      if (compiler === undefined) return;
      this.#compile((schema) => compiler({ schema, method: 'GET', url, httpPart: 'body' }));
    });
  }

  compileFor(request: FastifyRequest): void {
    this.#compile((schema) => request.compileValidationSchema(schema, 'body'));
  }

  #compile(compiler: Parameters<CompiledSchema['compile']>[0]): void {
    for (const schema of this.#compiled) schema.compile(compiler);
  }

  #received(schema: unknown): MessageSchema<unknown> {
    return knowsItself(schema) ? schema : this.#toBeCompiled(schema, 'message').check;
  }

  #sent(schema: unknown): MessageSchema<unknown, unknown> {
    if (knowsItself(schema)) return schema;
    const { check } = this.#toBeCompiled(schema, 'reply');
    // A compiled validator may write into what it checks, and that belongs to the application. What
    // is checked is what the peer will read: a `Date`, for one, has become a string.
    return (reply) => {
      const text = JSON.stringify(reply);
      if (text === undefined) return { issues: [{ message: 'JSON has no form for it' }] };
      return check(JSON.parse(text));
    };
  }

  #toBeCompiled(schema: unknown, name: 'message' | 'reply'): CompiledSchema {
    const compiled = new CompiledSchema(schema, `schema.${name} of ${this.#route.url}`);
    this.#compiled.push(compiled);
    return compiled;
  }
}

/** Whether `schema` can be asked without a compiler: see https://standardschema.dev. */
function knowsItself(schema: unknown): schema is MessageSchema<unknown> {
  if (typeof schema === 'function') return true;
  return typeof schema === 'object' && schema !== null && '~standard' in schema;
}
