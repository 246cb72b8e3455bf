import { selfSignedCertificate } from '../certificate.ts';
import type { ContractApp, ContractTls } from './harness.ts';

/**
 * What the clients of a contract speak: HTTP/1.1 in the open or over TLS, or HTTP/2, over TLS as
 * browsers do.
 */
export type Transport = 'http' | 'https' | 'http2';

let certificate: ContractTls | undefined;

/** What an application must serve for `transport`. All of a process have one certificate. */
export function serverFor(transport: Transport): Pick<ContractApp, 'tls' | 'http'> {
  if (transport === 'http') return { tls: undefined, http: 1 };
  certificate ??= selfSignedCertificate();
  return { tls: certificate, http: transport === 'http2' ? 2 : 1 };
}
