import { describe, expect, it } from 'vitest';
import { Pinger } from '../../src/connection/pinger.ts';
import { settled } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

function pinger(): { readonly pinger: Pinger; readonly sent: Uint8Array[] } {
  const sent: Uint8Array[] = [];
  return { pinger: new Pinger({ ping: (payload) => sent.push(payload as Uint8Array) }), sent };
}

describe('RFC 6455 §5.5.2 and §5.5.3, pings and their answers', () => {
  it('resolves with the round trip when the pong carries the payload of the ping', async () => {
    const { pinger: asks, sent } = pinger();
    const answer = asks.ping();
    asks.pong(Buffer.from(sent[0] ?? []));
    const latencyMs = await answer;
    expect(latencyMs).toBeGreaterThanOrEqual(0);
    expect(asks.latencyMs).toBe(latencyMs);
  });

  it('takes no other pong for an answer: nobody asked for it', async () => {
    const { pinger: asks } = pinger();
    asks.pong(Buffer.from('00000001', 'hex'));
    const answer = asks.ping();
    asks.pong(Buffer.from('unasked'));
    asks.pong(Buffer.alloc(0));
    expect(await settled(answer)).toBe('pending');
    expect(asks.latencyMs).toBeUndefined();
  });

  it('has one ping under way: who asks meanwhile shares its answer', async () => {
    const { pinger: asks, sent } = pinger();
    const [first, second] = [asks.ping(), asks.ping()];
    expect(sent).toHaveLength(1);
    asks.pong(sent[0] ?? new Uint8Array());
    expect(await first).toBe(await second);
  });

  it('sends another payload each time, so that a late pong answers nothing', async () => {
    const { pinger: asks, sent } = pinger();
    void asks.ping();
    asks.pong(sent[0] ?? new Uint8Array());
    const answer = asks.ping();
    asks.pong(sent[0] ?? new Uint8Array());
    expect(await settled(answer)).toBe('pending');
    expect(sent[0]).not.toEqual(sent[1]);
  });

  it('rejects when the connection ends, with its cause, and where it has ended', async () => {
    const { pinger: asks } = pinger();
    const cause = new Error('reset');
    const answer = asks.ping();
    asks.close(cause);
    asks.close(cause);
    await expect(answer).rejects.toMatchObject({ code: 'WS_CLOSED', cause });
    await expect(asks.refuse()).rejects.toMatchObject({ code: 'WS_CLOSED' });
    // Nobody waits for this one.
    void asks.refuse();
  });
});
