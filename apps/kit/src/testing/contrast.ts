import type { Page } from 'playwright-core';

/** What WCAG 2.2 asks for text of ordinary size. */
const ENOUGH = 4.5;

/** The contrast of everything that a page shows as text, as far as `selector` finds it. */
export async function contrasts(page: Page, selector = 'body *') {
  const measured = await page.evaluate((wanted) => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const layers = (element: Element | null): string[] =>
      element === null
        ? []
        : [...layers(element.parentElement), getComputedStyle(element).backgroundColor];
    const luminance = (colours: readonly string[]): number => {
      if (canvas === null) return Number.NaN;
      for (const colour of ['#fff', ...colours]) {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
      }
      const [red = 0, green = 0, blue = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map(
        (byte) => (byte <= 10 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4),
      );
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ratio = (element: Element): number => {
      const behind = layers(element);
      const below = luminance(behind);
      const text = luminance([...behind, getComputedStyle(element).color]);
      return (Math.max(below, text) + 0.05) / (Math.min(below, text) + 0.05);
    };
    const hasText = (element: Element) =>
      [...element.childNodes].some(
        (node) => node.nodeType === 3 && node.textContent?.trim() !== '',
      );
    const shown = [...document.querySelectorAll(wanted)].filter(
      (element) => element.checkVisibility() && hasText(element),
    );
    const results = shown.map((element) => ({
      what: element.className || element.id,
      ratio: ratio(element),
    }));
    return { results, paper: luminance(layers(document.body)) };
  }, selector);
  return {
    background: measured.paper < 0.2 ? 'dark' : 'light',
    count: measured.results.length,
    tooLow: measured.results.filter(({ ratio }) => !(ratio >= ENOUGH)),
  };
}
