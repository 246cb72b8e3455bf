import { ProtocolError, UsageError } from '@heddle/core';

/**
 * What a message must look like: a Standard Schema (zod, valibot, arktype, typebox, …) or a function
 * that does the same. It must answer at once: a promise is refused, as messages keep their order.
 */
export type MessageSchema<Output, Input = unknown> =
  | StandardSchema<Input, Output>
  | ((value: unknown) => SchemaResult<Output>);

/** The part of https://standardschema.dev, version 1, that is used here. */
export interface StandardSchema<Input, Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A message can have as many issues as bytes; a human reads the first. */
const MAX_DESCRIBED = 8;

/** A message that does not have the form its route asks for; `issues` say where and why. */
export class InvalidMessageError extends ProtocolError {
  readonly issues: readonly SchemaIssue[];

  constructor(issues: readonly SchemaIssue[]) {
    super('WS_INVALID_MESSAGE', describe(issues));
    this.issues = issues;
  }
}

/** What a close frame says to the peer whose message was refused: where it is wrong comes first. */
export function reasonOfRefusal(error: ProtocolError): string {
  return error instanceof InvalidMessageError ? describe(error.issues) : error.message;
}

/**
 * What arrived, in the form that `schema` gives it. Throws `InvalidMessageError`, or `ProtocolError`
 * `WS_UNSUPPORTED_DATA` for a binary message: there is JSON to be read.
 */
export function parseMessage<Output>(
  schema: MessageSchema<Output>,
  message: string | Uint8Array,
): Output {
  if (typeof message !== 'string') throw new ProtocolError('WS_UNSUPPORTED_DATA');
  const result = validate(schema, parseJson(message));
  if (result.issues !== undefined) throw new InvalidMessageError(result.issues);
  return result.value;
}

/** `reply` as JSON. Throws `UsageError` `WS_INVALID_REPLY` if it does not have the form of `schema`. */
export function formatReply(schema: MessageSchema<unknown>, reply: unknown): string {
  const result = validate(schema, reply);
  if (result.issues !== undefined)
    throw new UsageError('WS_INVALID_REPLY', describe(result.issues));
  const text = formatJson(result.value);
  if (text === undefined) throw new UsageError('WS_INVALID_REPLY', 'JSON has no form for it');
  return text;
}

/** Throws where `JSON.stringify` does: for a cycle, and for a BigInt. */
function formatJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new UsageError('WS_INVALID_REPLY', error instanceof Error ? error.message : undefined);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidMessageError([{ message: 'it is not JSON' }]);
  }
}

function validate<Output>(schema: MessageSchema<Output>, value: unknown): SchemaResult<Output> {
  // A Standard Schema may be a function as well, which answers in another way when it is called.
  const result: unknown =
    '~standard' in schema ? schema['~standard'].validate(value) : schema(value);
  if (isResult<Output>(result)) return result;
  Promise.resolve(result).catch(() => {});
  throw new UsageError(
    'WS_INVALID_OPTION',
    'schema must answer { value } or { issues }, at once and not through a promise',
  );
}

function isResult<Output>(result: unknown): result is SchemaResult<Output> {
  return typeof result === 'object' && result !== null && ('value' in result || 'issues' in result);
}

function describe(issues: readonly SchemaIssue[]): string {
  const described = issues
    .slice(0, MAX_DESCRIBED)
    .map(({ message, path }) => formatPath(path) + message);
  if (issues.length > MAX_DESCRIBED) described.push('…');
  return described.join('; ');
}

function formatPath(path: SchemaIssue['path']): string {
  if (path === undefined || path.length === 0) return '';
  const keys = path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
  return `${keys.map(String).join('.')}: `;
}
