import type { Sockets } from './sockets.ts';

/** An application whose `listen` makes a server: whatever its overloads are, they stay. */
export interface ListeningApplication {
  listen(...args: never[]): Parameters<Sockets['attach']>[0];
}

/**
 * Has `sockets` take the upgrades of every server that `app.listen` makes from now on. Only this
 * `app` is changed, and nothing that it inherits from.
 */
export function attachOnListen(app: ListeningApplication, sockets: Sockets): void {
  const { listen } = app;
  app.listen = function (...args) {
    const server = listen.apply(this, args);
    sockets.attach(server);
    return server;
  };
}
