import { purePrimitives } from '@heddle/core';
import { primitivesContract } from '../src/primitives-contract.ts';

primitivesContract('pure', purePrimitives);
