import { type SchemaIssue, type SchemaResult, UsageError } from '@heddle/node';
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify';

/** What the application's validator compiler makes of a schema. */
type Validate = ReturnType<FastifySchemaCompiler<unknown>>;

/**
 * A schema in the language of the application's validator compiler: JSON Schema, unless the
 * application has set another. It is compiled as the schema of a request's body would be.
 */
export class CompiledSchema {
  /** What messages are checked with; `compile` must have been called. */
  readonly check: (value: unknown) => SchemaResult<unknown>;
  readonly #schema: object;
  readonly #name: string;
  #validate: Validate | undefined;

  /** `name` says whose schema it is to whoever reads an error. */
  constructor(schema: unknown, name: string) {
    if (typeof schema !== 'object' || schema === null) {
      throw new UsageError('WS_INVALID_OPTION', `${name} must be a schema, not ${String(schema)}`);
    }
    this.#schema = schema;
    this.#name = name;
    this.check = (value) => this.#check(value);
  }

  /** Compiles, once. Throws `UsageError` `WS_INVALID_OPTION` for a schema that is none. */
  compile(compiler: (schema: object) => Validate): void {
    try {
      this.#validate ??= compiler(this.#schema);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError('WS_INVALID_OPTION', `${this.#name} does not compile: ${reason}`);
    }
  }

  #check(value: unknown): SchemaResult<unknown> {
    const validate = this.#validate;
    if (validate === undefined)
      throw new UsageError('WS_INVALID_OPTION', `${this.#name} is not compiled`);
    // Ajv writes what it coerced or filled in into the value, or, if it is no object, its parent.
    const parent = { value };
    const context = { parentData: parent, parentDataProperty: 'value' };
    const result: unknown =
      'schemaEnv' in validate
        ? Reflect.apply(validate, undefined, [value, context])
        : validate(value);

    if (result === false) return { issues: toIssues(validate.errors ?? []) };
    if (typeof result !== 'object' || result === null) return { value: parent.value };
    if ('then' in result) {
      throw new UsageError(
        'WS_INVALID_OPTION',
        `${this.#name} must validate at once, not through a promise`,
      );
    }
    if ('error' in result && result.error) return { issues: toIssues(result.error) };
    return { value: 'value' in result ? result.value : parent.value };
  }
}

/** What a validator complains about: Ajv's list, or an error of another library. */
function toIssues(errors: unknown): readonly SchemaIssue[] {
  if (Array.isArray(errors)) return errors.map(toIssue);
  return [{ message: errors instanceof Error ? errors.message : 'it does not match the schema' }];
}

function toIssue({ message, instancePath }: Partial<FastifySchemaValidationError>): SchemaIssue {
  // A JSON Pointer, RFC 6901.
  const path = (instancePath ?? '').split('/').slice(1);
  return { message: message ?? 'it does not match the schema', path };
}
