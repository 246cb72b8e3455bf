import { describe, expect, it, onTestFinished } from 'vitest';
import { chromiumIsMissing, useChromium } from '../src/testing/chromium.ts';
import { contrasts } from '../src/testing/contrast.ts';

const PAGE = `
  <body style="background: white; color: black">
    <p>21 to 1</p>
    <p id="grey" style="color: #777">4.48 to 1</p>
    <section style="background: rgb(0 0 0 / 50%)"><p id="layered" style="color: #666">on grey</p></section>
    <p style="color: white" hidden>not shown</p>
  </body>`;

describe.skipIf(chromiumIsMissing)('contrast', () => {
  const profile = useChromium();

  it('is measured of each text that is shown, on all that is behind it', async () => {
    const page = await show(PAGE);
    const measured = await contrasts(page);
    expect(measured).toMatchObject({ background: 'light', count: 3 });
    expect(measured.tooLow.map(({ what }) => what)).toEqual(['grey', 'layered']);
    expect(measured.tooLow[0]?.ratio).toBeCloseTo(4.48, 2);
  });

  it('is measured of what a selector finds', async () => {
    const page = await show(PAGE);
    expect(await contrasts(page, 'section *')).toMatchObject({ count: 1 });
  });

  async function show(html: string) {
    const context = await profile();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.setContent(html);
    return page;
  }
});
