import { adapterContract } from '@heddle/testing/contract';
import { harnessFor } from './contract-harness.ts';
import { express4 } from './express-copies.ts';

adapterContract('Express 4', harnessFor(express4), { transport: 'https' });
