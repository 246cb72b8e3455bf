import { generateKeyPairSync, sign } from 'node:crypto';

/** A private key and the certificate for it, in PEM. */
export interface SelfSignedCertificate {
  readonly key: string;
  /** What a server presents, and what a client gives as its `ca` to trust it. */
  readonly cert: string;
}

/**
 * A certificate for `localhost` and 127.0.0.1 that signs itself and never expires. It is made when it
 * is asked for, so that there is no private key in a repository. RFC 5280 §4.1 has the form.
 */
export function selfSignedCertificate(): SelfSignedCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const body = certificateBody(spki);
  const signature = sign('sha256', body, privateKey);
  const certificate = sequence(body, ECDSA_WITH_SHA256, bitString(signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
  };
}

function certificateBody(spki: Buffer): Buffer {
  const name = sequence(set(sequence(COMMON_NAME, der(0x0c, Buffer.from('localhost')))));
  // §4.1.2.5: a certificate without a good date to expire on says 99991231235959Z.
  const validity = sequence(
    der(0x17, Buffer.from('000101000000Z')),
    der(0x18, Buffer.from('99991231235959Z')),
  );
  // §4.2.1.6: [2] is a DNS name, [7] an IP address.
  const hosts = sequence(
    der(0x82, Buffer.from('localhost')),
    der(0x87, Buffer.from([127, 0, 0, 1])),
  );
  const extensions = sequence(sequence(SUBJECT_ALT_NAME, der(0x04, hosts)));
  const version3 = der(0xa0, integer(2));
  return sequence(
    version3,
    integer(1),
    ECDSA_WITH_SHA256,
    name,
    validity,
    name,
    spki,
    der(0xa3, extensions),
  );
}

/** Tag, length and content, X.690 §8.1; nothing here reaches 64 KiB. */
function der(tag: number, content: Buffer): Buffer {
  const { byteLength } = content;
  const length =
    byteLength < 0x80
      ? [byteLength]
      : byteLength < 0x100
        ? [0x81, byteLength]
        : [0x82, byteLength >> 8, byteLength & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function sequence(...items: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(items));
}

function set(...items: readonly Buffer[]): Buffer {
  return der(0x31, Buffer.concat(items));
}

function integer(value: number): Buffer {
  return der(0x02, Buffer.from([value]));
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

/** The content of an object identifier, as RFC 5480, RFC 4519 and RFC 5280 give it. */
function objectIdentifier(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('2a8648ce3d040302'));
const COMMON_NAME = objectIdentifier('550403');
const SUBJECT_ALT_NAME = objectIdentifier('551d11');
