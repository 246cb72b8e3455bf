import { describe, expect, it } from 'vitest';
import { caseTable, http2CaseTable } from '../src/contract/case-table.ts';
import { needsPlainHttp2, notOverHttp2 } from '../src/contract/not-over-http2.ts';

const themes = [caseTable, http2CaseTable].flatMap((table) => Object.keys(table));
const titles = [caseTable, http2CaseTable]
  .flatMap((table) => Object.values(table))
  .flatMap((cases) => Object.keys(cases));

describe('the table of the contract', () => {
  it('has no two cases of one name', () => {
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('has every case and theme that HTTP/2 cannot have, with the § that says why', () => {
    for (const [name, reason] of Object.entries(notOverHttp2)) {
      expect([...themes, ...titles]).toContain(name);
      expect(reason).toMatch(/RFC \d+ §/);
    }
  });

  it('has every case that needs plain requests over HTTP/2', () => {
    for (const title of needsPlainHttp2) expect(titles).toContain(title);
  });
});
