/** A store for koa-session that is far away: an answer that does not wait for it comes too early. */
export class SessionStore {
  readonly sessions = new Map<string, object>();

  async get(key: string): Promise<object | undefined> {
    await distance();
    return this.sessions.get(key);
  }

  async set(key: string, session: object): Promise<void> {
    await distance();
    this.sessions.set(key, { ...session });
  }

  async destroy(key: string): Promise<void> {
    await distance();
    this.sessions.delete(key);
  }
}

function distance(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
