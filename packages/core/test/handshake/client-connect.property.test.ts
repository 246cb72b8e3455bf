import fc from 'fast-check';
import { expect, it } from 'vitest';
import { negotiateExtensions } from '../../src/extensions/extension.ts';
import { clientDeflate, serverDeflate } from '../../src/extensions/permessage-deflate.ts';
import { connectFields, readConnectAnswer } from '../../src/handshake/client-connect.ts';
import { openingAnswer, readConnectOpening } from '../../src/handshake/server-handshake.ts';
import { selectSubprotocol } from '../../src/handshake/subprotocol.ts';
import { received, sha1 } from './rfc-example.ts';

const names = fc.uniqueArray(
  fc.constantFrom('chat', 'superchat', 'json', '__proto__', 'v10.stomp'),
);

it('our client and our server agree over HTTP/2, too, whatever they offer and choose', () => {
  fc.assert(
    fc.property(names, names, fc.boolean(), (offered, supported, compress) => {
      const offer = { subprotocols: offered, extensions: compress ? [clientDeflate()] : [] };
      const opening = readConnectOpening({
        ...connectFields(offer),
        ':authority': 'example.org',
      });
      expect(opening).toMatchObject({ key: undefined, subprotocols: offered });

      const subprotocol = selectSubprotocol(opening.subprotocols, supported);
      const extensions = negotiateExtensions(opening.extensions, [serverDeflate()]);
      const answer = openingAnswer(opening, { subprotocol, extensions }, sha1);
      const agreement = readConnectAnswer({ status: 200, headers: received(answer) }, offer);

      expect(agreement.subprotocol).toBe(subprotocol);
      expect(agreement.extensions).toHaveLength(compress ? 1 : 0);
    }),
  );
});
