import { expect, it } from 'vitest';
import { fuzz } from '../src/fuzz-inflater/fuzz.ts';

it('whatever comes as DEFLATE data, it is delivered or the connection closes, and nothing else happens', async () => {
  const reports = await fuzz({ seconds: 5 });
  for (const { name, failures, tally, echoes } of reports) {
    expect({ name, failures }).toEqual({ name, failures: [] });
    expect(tally.cases).toBeGreaterThan(100);
    expect(echoes).toBeGreaterThan(0);
  }
});
