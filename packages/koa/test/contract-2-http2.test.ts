import { adapterContract } from '@heddle/testing/contract';
import { harnessFor } from './contract-harness.ts';
import { Koa2 } from './koas.ts';

const cannot = {
  'answers a HEAD as the GET of the same path, without its body':
    'Koa 2 itself answers no HEAD over HTTP/2: Node has ended such a response before Koa would write it, and Koa 2 leaves it at that',
};

adapterContract('Koa 2', { ...harnessFor(Koa2), cannot }, { transport: 'http2' });
