import type { EventEmitter } from 'node:events';
import { FrameworkRequests } from '@heddle/node';
import type Koa from 'koa';

/** The part of a context that is used here. Koa 2 and Koa 3 have it alike. */
export interface UpgradeContext
  extends Pick<
    Koa.ExtendableContext,
    'req' | 'res' | 'ip' | 'method' | 'host' | 'status' | 'body' | 'respond' | 'set'
  > {
  readonly app: EventEmitter;
}

/** Has the functions among the options find the context of a request. */
export const contexts = new FrameworkRequests<UpgradeContext>();
