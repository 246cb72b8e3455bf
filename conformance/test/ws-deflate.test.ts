import { on, once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { connect } from '@heddle/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { chooseSeed } from '../src/random.ts';
import { type DeflateForm, deflateForms, elementsOf } from './deflate-forms.ts';
import { EchoProcess } from './echo-process.ts';
import { type EchoClient, exchange } from './exchange.ts';
import { type MessageKind, messagePools, RandomMessages } from './random-messages.ts';
import { someText } from './sizes.ts';

const MESSAGES = 10_000;
const CONNECTIONS = 4;
const PER_CONNECTION = MESSAGES / deflateForms.length / CONNECTIONS;
const TIMEOUT_MS = 180_000;

const seed = chooseSeed();
const pools = messagePools(seed);
const compressible: readonly MessageKind[] = ['records', 'words', 'words of all lengths'];

/** A client of either make, with what it negotiated and what it sent and received. */
interface Client extends EchoClient {
  readonly extensions: string;
  readonly tcp: Socket;
  end(): Promise<unknown>;
}

type Open = (form: DeflateForm) => Promise<Client>;

let ours: EchoProcess;
let theirs: EchoProcess;
beforeAll(async () => {
  ours = await EchoProcess.start({ env: { DEFLATE: '{"thresholdBytes":0}' } });
  const file = fileURLToPath(new URL('ws-echo-server.ts', import.meta.url));
  theirs = await EchoProcess.start({ file });
});
afterAll(async () => {
  expect([await ours.stop(), await theirs.stop()]).toEqual([0, 0]);
});

const roles: readonly (readonly [string, Open])[] = [
  ['ws as client of our echo server', openTheirs],
  ['connect() to a server of ws', openOurs],
];

describe.each(roles)(`%s, with permessage-deflate, SEED=${seed}`, (role, open) => {
  describe.each(deflateForms)('$name', (form) => {
    it('is what they agree on', async () => {
      const client = await open(form);
      const elements = elementsOf(client.extensions);
      expect(elements[0]).toBe('permessage-deflate');
      expect(elements).toEqual(expect.arrayContaining([...form.agreed]));
      for (const parameter of form.absent) expect(elements).not.toContain(parameter);
      await client.end();
    });

    it(
      `gets ${PER_CONNECTION * CONNECTIONS} random messages back`,
      async () => {
        const run = async (index: number) => {
          const client = await open(form);
          await exchange(client, {
            messages: new RandomMessages(seed + index, pools),
            count: PER_CONNECTION,
            label: `SEED=${seed} (${role}, ${form.name}, connection ${index})`,
          });
          await client.end();
        };
        await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => run(index)));
      },
      TIMEOUT_MS,
    );

    it('takes fewer bytes than there are in what can be compressed', async () => {
      const client = await open(form);
      const before = { sent: client.tcp.bytesWritten, received: client.tcp.bytesRead };
      const random = new RandomMessages(seed, pools);
      const messages = { next: () => ({ ...random.next(compressible), compress: true }) };
      const byteLength = await exchange(client, {
        messages,
        count: 100,
        label: `SEED=${seed} (${role}, ${form.name})`,
      });
      expect(client.tcp.bytesWritten - before.sent).toBeLessThan(byteLength / 2);
      expect(client.tcp.bytesRead - before.received).toBeLessThan(byteLength / 2);
      await client.end();
    });
  });
});

describe('a compressed message of ws in many fragments', () => {
  it.each(deflateForms)('comes to our server: $name', async ({ offer }) => {
    const client = new WebSocket(ours.url, { perMessageDeflate: { ...offer, threshold: 0 } });
    await once(client, 'open');
    const text = someText(500_000);
    const bytes = Buffer.from(text);
    for (const _round of [1, 2]) {
      for (let start = 0; start < bytes.byteLength; start += 50) {
        const end = start + 50;
        const fin = end >= bytes.byteLength;
        client.send(bytes.subarray(start, end), { binary: false, compress: true, fin });
        if (start % 100_000 === 0) client.ping();
      }
      const [message, isBinary] = await once(client, 'message');
      expect(isBinary).toBe(false);
      expect(String(message) === text).toBe(true);
    }
    client.terminate();
  });

  it.each(deflateForms)('comes to our client: $name', async ({ offer }) => {
    const compression = { ...offer, thresholdBytes: 0 };
    const socket = await connect(`${theirs.url}fragments`, { compression });
    const messages = socket[Symbol.asyncIterator]();
    const { value: negotiated } = await messages.next();
    expect(negotiated).toMatch(/^permessage-deflate/);
    const text = someText(500_000);
    for (const _round of [1, 2]) {
      socket.send(text);
      const { value: echo } = await messages.next();
      expect(echo === text).toBe(true);
    }
    await socket.close();
  });
});

async function openTheirs({ offer }: DeflateForm): Promise<Client> {
  const client = new WebSocket(ours.url, { perMessageDeflate: { ...offer, threshold: 0 } });
  const messages = on(client, 'message', { close: ['close'] });
  const [[response]] = await Promise.all([once(client, 'upgrade'), once(client, 'open')]);
  return {
    extensions: response.headers['sec-websocket-extensions'] ?? '',
    tcp: response.socket,
    send: ({ bytes, text, compress }) => client.send(bytes, { binary: !text, compress }),
    receive: async () => {
      const { done, value } = await messages.next();
      if (done === true) throw new Error('the server closed the connection');
      const [bytes, isBinary] = value;
      return { bytes, text: !isBinary };
    },
    end: async () => {
      client.close();
      await once(client, 'close');
    },
  };
}

async function openOurs({ offer }: DeflateForm): Promise<Client> {
  const tcp = connectTcp(Number(new URL(theirs.url).port), '127.0.0.1');
  const socket = await connect(theirs.url, {
    compression: { ...offer, thresholdBytes: 0 },
    createConnection: () => tcp,
  });
  const messages = socket[Symbol.asyncIterator]();
  const { value: extensions } = await messages.next();
  return {
    extensions: String(extensions),
    tcp,
    send: async ({ bytes, text, compress }) => {
      const sent = socket.send(text ? bytes.toString() : bytes, { compress });
      if (!sent) await socket.drained();
    },
    receive: async () => {
      const { done, value } = await messages.next();
      if (done === true) throw new Error('the server closed the connection');
      return { bytes: Buffer.from(value), text: typeof value === 'string' };
    },
    end: () => socket.close(),
  };
}
