import type Koa from 'koa';

/**
 * The context of a route whose path is `Path`, for the parameter of a handler: its `params` are those
 * of the path, and its `state` is what the middleware before it leaves there.
 *
 * The path is one of @koa/router 14 and later: `/chat/:room`, `/files/*path`, `/chat{/:room}`.
 */
export type RouteContext<Path extends string, State = Koa.DefaultState> = Koa.ParameterizedContext<
  State,
  { params: PathParameters<Path> }
>;

/** The parameters of a path; those in braces may be missing. */
export type PathParameters<Path extends string> = string extends Path
  ? Record<string, string>
  : Path extends `${infer Before}{${infer Optional}}${infer After}`
    ? PathParameters<Before> & Partial<PathParameters<Optional>> & PathParameters<After>
    : { [Name in NamesIn<Path>]: string };

type NamesIn<Path extends string> = Path extends `${string}${':' | '*'}${infer Rest}`
  ? WordOf<Rest> | NamesIn<Rest>
  : never;

/** What stands before the first character that is not a name's. */
type WordOf<Text extends string> = UpTo<UpTo<UpTo<UpTo<UpTo<Text, '/'>, '.'>, '-'>, ':'>, '*'>;

type UpTo<Text extends string, End extends string> = Text extends `${infer Word}${End}${string}`
  ? Word
  : Text;
