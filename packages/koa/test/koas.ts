import Koa from 'koa';
import OldKoa from 'koa2';

export { Koa as Koa3 };

/** As the types see it, Koa 3 has a method more. It is not used here. */
export const Koa2 = OldKoa as object as typeof Koa;

/** Every Koa that is promised to work. */
export const koas: readonly (readonly [name: string, Application: typeof Koa])[] = [
  ['Koa 2', Koa2],
  ['Koa 3', Koa],
];
