import { adapterContract } from '@heddle/testing/contract';
import { harness } from './contract-harness.ts';

adapterContract('Fastify 5', harness, { transport: 'https' });
