export { primitivesContract } from '../primitives-contract.ts';
export { type AdapterContractOptions, adapterContract } from './adapter-contract.ts';
export type {
  ContractAnswer,
  ContractApp,
  ContractHandler,
  ContractHarness,
  ContractHeaders,
  ContractOptions,
  ContractRequest,
  ContractRoute,
  ContractSocket,
  ContractTls,
  ContractVerdict,
  RunningApp,
} from './harness.ts';
export { type ListeningServer, type ListenOptions, listen, stopListening } from './listen.ts';
export { PlainFramework, type PlainUpgrade } from './plain-framework.ts';
export type { Transport } from './transport.ts';
