/**
 * A promise and what settles it. Its rejection is never an unhandled one: whoever waits for it sees
 * it, and nobody has to wait.
 */
export class Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;

  constructor() {
    let resolve: (value: T) => void = () => {};
    let reject: (error: unknown) => void = () => {};
    this.promise = new Promise((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    this.promise.catch(() => {});
    this.resolve = resolve;
    this.reject = reject;
  }

  /** A promise that is rejected, whether anybody looks or not. */
  static rejected<T>(error: unknown): Promise<T> {
    const deferred = new Deferred<T>();
    deferred.reject(error);
    return deferred.promise;
  }
}
