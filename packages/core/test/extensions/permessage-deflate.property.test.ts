import fc from 'fast-check';
import { expect, it } from 'vitest';
import { confirmExtensions, negotiateExtensions } from '../../src/extensions/extension.ts';
import {
  clientDeflate,
  type DeflateContext,
  serverDeflate,
} from '../../src/extensions/permessage-deflate.ts';

const flag = fc.option(fc.boolean(), { nil: undefined });

function options(leastServerBits: number, leastClientBits: number) {
  const bits = (min: number) => fc.option(fc.integer({ min, max: 15 }), { nil: undefined });
  return fc.record({
    serverNoContextTakeover: flag,
    clientNoContextTakeover: flag,
    serverMaxWindowBits: bits(leastServerBits),
    clientMaxWindowBits: bits(leastClientBits),
  });
}

const alternatives = fc.array(options(8, 9), { minLength: 1, maxLength: 3 });

it('what one side compresses, the other can decompress, whatever both asked for', () => {
  fc.assert(
    fc.property(options(9, 8), alternatives, (serverOptions, clientOptions) => {
      const client = clientDeflate(clientOptions);
      const offers = client.offers().map((parameters) => ({ name: client.name, parameters }));
      const [accepted] = negotiateExtensions(offers, [serverDeflate(serverOptions)]);
      // A server declines only an offer that wants a window of 2^8 from it.
      const acceptable = clientOptions.some(({ serverMaxWindowBits }) => serverMaxWindowBits !== 8);
      expect(accepted !== undefined).toBe(acceptable);
      if (accepted === undefined) return;

      const answer = { name: client.name, parameters: accepted.parameters };
      const [ours] = confirmExtensions([answer], [client]);
      expect(canRead(accepted.extension.decompressor, ours?.compressor)).toBe(true);
      expect(ours && canRead(ours.decompressor, accepted.extension.compressor)).toBe(true);
      expect(ours?.serverMaxWindowBits).toBe(accepted.extension.serverMaxWindowBits);
    }),
    { numRuns: 500 },
  );
});

it('each side keeps to the limits of its own options', () => {
  fc.assert(
    fc.property(options(9, 8), options(8, 9), (serverOptions, clientOptions) => {
      const client = clientDeflate([clientOptions]);
      const [parameters = []] = client.offers();
      const accepted = serverDeflate(serverOptions).accept(parameters);
      if (accepted === undefined) return;
      const { extension } = accepted;
      expect(extension.serverMaxWindowBits).toBeLessThanOrEqual(
        Math.min(serverOptions.serverMaxWindowBits ?? 15, clientOptions.serverMaxWindowBits ?? 15),
      );
      expect(extension.clientMaxWindowBits).toBe(
        Math.min(serverOptions.clientMaxWindowBits ?? 15, clientOptions.clientMaxWindowBits ?? 15),
      );
      expect(extension.serverNoContextTakeover).toBe(
        serverOptions.serverNoContextTakeover === true ||
          clientOptions.serverNoContextTakeover === true,
      );
    }),
  );
});

/** A window may be larger than the writer's, and may live on where the writer empties its own. */
function canRead(reader: DeflateContext, writer: DeflateContext | undefined): boolean {
  if (writer === undefined) return true;
  return reader.windowBits >= writer.windowBits && (reader.takeover || !writer.takeover);
}
