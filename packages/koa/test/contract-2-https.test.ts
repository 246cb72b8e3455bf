import { adapterContract } from '@heddle/testing/contract';
import { harnessFor } from './contract-harness.ts';
import { Koa2 } from './koas.ts';

adapterContract('Koa 2', harnessFor(Koa2), { transport: 'https' });
