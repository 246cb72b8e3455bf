import fc from 'fast-check';
import { expect, it } from 'vitest';
import { negotiateExtensions } from '../../src/extensions/extension.ts';
import { clientDeflate, serverDeflate } from '../../src/extensions/permessage-deflate.ts';
import { handshakeKey, openingFields, readAnswer } from '../../src/handshake/client-handshake.ts';
import { openingAnswer, readOpening } from '../../src/handshake/server-handshake.ts';
import { selectSubprotocol } from '../../src/handshake/subprotocol.ts';
import { received, sha1 } from './rfc-example.ts';

const names = fc.uniqueArray(
  fc.constantFrom('chat', 'superchat', 'json', '__proto__', 'v10.stomp'),
);

it('our client and our server agree, whatever they offer and choose', () => {
  const random = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(random, names, names, fc.boolean(), (bytes, offered, supported, compress) => {
      const asked = {
        key: handshakeKey(bytes),
        subprotocols: offered,
        extensions: compress ? [clientDeflate()] : [],
      };
      const headers = received({ ...openingFields(asked), Host: 'example.org' });
      const opening = readOpening({ method: 'GET', httpVersion: '1.1', headers });
      expect(opening).toMatchObject({ key: asked.key, subprotocols: offered });

      const subprotocol = selectSubprotocol(opening.subprotocols, supported);
      const extensions = negotiateExtensions(opening.extensions, [serverDeflate()]);
      const answer = openingAnswer(opening, { subprotocol, extensions }, sha1);
      const agreement = readAnswer({ status: 101, headers: received(answer) }, asked, sha1);

      expect(agreement.subprotocol).toBe(subprotocol);
      expect(agreement.subprotocol).toBe(supported.find((name) => offered.includes(name)));
      expect(agreement.extensions).toHaveLength(compress ? 1 : 0);
    }),
  );
});
