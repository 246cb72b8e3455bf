import type Koa from 'koa';
import helmet from 'koa-helmet';
import serveFiles from 'koa-static';

const FOREVER = 'public, max-age=31536000, immutable';

/** Serves the built page from `root`: `/`, and whatever it loads. */
export function servePage(app: Koa, root: string): void {
  app.use(helmet({ contentSecurityPolicy, strictTransportSecurity: false }));
  app.use(
    serveFiles(root, {
      setHeaders(response, path) {
        // Their names change with their contents.
        if (path.includes('/assets/')) response.setHeader('cache-control', FOREVER);
      },
    }),
  );
}

/**
 * Nothing runs, and nothing loads, but what this server serves. Trusted Types make a browser that
 * knows them refuse `innerHTML` and its like altogether, so text cannot become markup by mistake.
 */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
  },
};
