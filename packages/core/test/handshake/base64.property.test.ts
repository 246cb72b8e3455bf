import fc from 'fast-check';
import { it } from 'vitest';
import { encodeBase64, isBase64Text } from '../../src/handshake/base64.ts';

it('encodes every string of bytes as Node does', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const encoded = encodeBase64(bytes);
      return encoded === Buffer.from(bytes).toString('base64') && isBase64Text(unpadded(encoded));
    }),
  );
});

function unpadded(encoded: string): string {
  return encoded.replaceAll('=', '');
}
