import { adapterContract } from '@heddle/testing/contract';
import { harnessFor } from './contract-harness.ts';
import { Koa3 } from './koas.ts';

adapterContract('Koa 3', harnessFor(Koa3), { transport: 'https' });
