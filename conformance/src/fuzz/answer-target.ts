import { createHash } from 'node:crypto';
import {
  type Agreement,
  type ClientOffer,
  clientDeflate,
  type DeflateOptions,
  type PermessageDeflate,
  readAnswer,
  readConnectAnswer,
} from '@heddle/core';
import { acceptFor, SAMPLE_KEY } from '@heddle/testing';
import fc from 'fast-check';
import { readOrRefuse } from './handshake-error.ts';
import { extensionValues, type Fields, fields, nearly, occurrences } from './header-arbitrary.ts';
import { seldom } from './seldom.ts';
import { defineTarget } from './target.ts';

/** What a client has offered, and what came back. */
export interface AnswerInput {
  readonly http2: boolean;
  readonly subprotocols: readonly string[];
  /** Its offers of permessage-deflate; none at all if there are none. */
  readonly deflate: readonly DeflateOptions[];
  readonly status: number;
  readonly headers: Fields;
}

const offers: fc.Arbitrary<DeflateOptions> = fc.record(
  {
    serverNoContextTakeover: fc.boolean(),
    clientNoContextTakeover: fc.boolean(),
    serverMaxWindowBits: fc.integer({ min: 8, max: 15 }),
    clientMaxWindowBits: fc.integer({ min: 9, max: 15 }),
  },
  { requiredKeys: [] },
);

const inputs: fc.Arbitrary<AnswerInput> = fc
  .record({
    http2: fc.boolean(),
    subprotocols: fc.subarray(['chat', 'superchat', '__proto__']),
    deflate: fc.array(offers, { maxLength: 2 }),
    otherStatus: seldom(undefined, 20, fc.constantFrom(101, 200, 204, 400, 503)),
    headers: fields({
      upgrade: occurrences(nearly('websocket')),
      connection: occurrences(nearly('Upgrade')),
      'sec-websocket-accept': occurrences(nearly(acceptFor(SAMPLE_KEY))),
      'sec-websocket-protocol': seldom(undefined, 2, occurrences(nearly('chat'))),
      'sec-websocket-extensions': seldom(undefined, 2, occurrences(extensionValues)),
    }),
  })
  .map(({ otherStatus, ...rest }) => ({
    ...rest,
    status: otherStatus ?? (rest.http2 ? 200 : 101),
  }));

/** A server's half of the handshake: a client reads it, or refuses it, and never gets what it did not offer. */
export const answerTarget = defineTarget({ name: 'answer', inputs, check });

function check(input: AnswerInput): void {
  const { http2, status, headers, subprotocols, deflate } = input;
  const extensions = deflate.length === 0 ? [] : [clientDeflate(deflate)];
  const offer: ClientOffer<PermessageDeflate> = { subprotocols, extensions };
  const agreement = readOrRefuse(
    () =>
      http2
        ? readConnectAnswer({ status, headers }, offer)
        : readAnswer({ status, headers }, { ...offer, key: SAMPLE_KEY }, sha1),
    (shown) => shown === status || (http2 && shown === 101),
  );
  if (agreement === undefined) return;
  if (status !== (http2 ? 200 : 101)) throw new Error('the status is another');
  if (!http2 && headers['sec-websocket-accept'] === undefined) throw new Error('there is no proof');
  checkAgreement(agreement, input);
}

function checkAgreement(agreement: Agreement<PermessageDeflate>, input: AnswerInput): void {
  const { subprotocol, extensions } = agreement;
  if (subprotocol !== undefined && !input.subprotocols.includes(subprotocol)) {
    throw new Error('the subprotocol was not offered');
  }
  if (extensions.length > 1) throw new Error('an extension is there twice');
  const [extension] = extensions;
  if (extension !== undefined && !input.deflate.some((offer) => keepsTo(extension, offer))) {
    throw new Error('no offer allows these parameters');
  }
}

/** RFC 7692 §7.1.1.1, §7.1.2.1 and §7.1.2.2. */
function keepsTo(extension: PermessageDeflate, offer: DeflateOptions): boolean {
  const { serverMaxWindowBits, clientMaxWindowBits } = extension;
  return (
    (offer.serverNoContextTakeover !== true || extension.serverNoContextTakeover) &&
    (offer.clientNoContextTakeover !== true || extension.clientNoContextTakeover) &&
    serverMaxWindowBits >= 8 &&
    serverMaxWindowBits <= (offer.serverMaxWindowBits ?? 15) &&
    clientMaxWindowBits >= 8 &&
    clientMaxWindowBits <= (offer.clientMaxWindowBits ?? 15)
  );
}

function sha1(ascii: string): Uint8Array {
  return createHash('sha1').update(ascii).digest();
}
