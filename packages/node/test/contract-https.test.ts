import { adapterContract } from '@heddle/testing/contract';
import { harness } from './contract-harness.ts';

adapterContract('node:http', harness, { transport: 'https' });
