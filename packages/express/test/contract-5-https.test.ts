import { adapterContract } from '@heddle/testing/contract';
import { harnessFor } from './contract-harness.ts';
import { express5 } from './express-copies.ts';

adapterContract('Express 5', harnessFor(express5), { transport: 'https' });
