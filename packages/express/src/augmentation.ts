/**
 * Has `app.get('/chat/:room', ws((socket, request) => …))` know the parameters of the path.
 *
 * In Express' own overloads they are the default of a type parameter, which is not known yet when the
 * arguments of `ws(…)`, a call inside the call, are read. In this one they follow from the path alone;
 * it comes first, says the same, and what does not fit it goes on to the others.
 */
declare module 'express-serve-static-core' {
  interface IRouterMatcher<T> {
    // biome-ignore lint/style/useShorthandFunctionType: only an interface merges with Express'.
    <
      Route extends string,
      ResBody = Request['body'],
      ReqBody = Request['body'],
      ReqQuery = Request['query'],
      Locals extends object = Response['locals'],
    >(
      path: Route,
      ...handlers: RequestHandler<RouteParameters<Route>, ResBody, ReqBody, ReqQuery, Locals>[]
    ): T;
  }
}

// What makes this a module, as only a module adds to another.
export {};
