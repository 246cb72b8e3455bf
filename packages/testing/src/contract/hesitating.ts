import { deferred } from '../deferred.ts';
import { soon } from './eventually.ts';
import type { ContractRequest, ContractVerdict } from './harness.ts';

/** A `before` that says when it is asked, and agrees when it is told to. */
export function hesitating() {
  const asked = deferred<ContractRequest>();
  const decided = deferred<void>();
  return {
    /** Rejects if nobody asks soon. */
    asked: () => soon(asked.promise, 'The hook'),
    decide: () => decided.resolve(),
    before: async (request: ContractRequest): Promise<ContractVerdict> => {
      asked.resolve(request);
      await decided.promise;
      return { headers: { 'X-Decided': 'yes' } };
    },
  };
}
