import { once } from 'node:events';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { portOf, selfSignedCertificate } from '@heddle/testing';
import { onTestFinished } from 'vitest';

const certificate = selfSignedCertificate();

/** Two ends of a TLS connection; the server's stays half open, as those of `https.Server` do. */
export async function tlsPair(): Promise<{
  readonly client: TLSSocket;
  readonly server: TLSSocket;
}> {
  const listener = createServer({ ...certificate, allowHalfOpen: true });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const options = { port: portOf(listener), host: '127.0.0.1', ca: certificate.cert };
  const client = connect({ ...options, servername: 'localhost' });
  const [[server]] = (await Promise.all([
    once(listener, 'secureConnection'),
    once(client, 'secureConnect'),
  ])) as [[TLSSocket], unknown];
  listener.close();
  onTestFinished(() => {
    client.destroy();
    server.destroy();
  });
  return { client, server };
}
