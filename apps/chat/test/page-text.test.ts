import { describe, expect, it } from 'vitest';
import { authorHue, initials } from '../src/page/author-look.ts';
import { linkText } from '../src/page/link-text.ts';
import { dayText } from '../src/page/time-text.ts';

describe('links in a text', () => {
  it.each([
    ['no link here', []],
    ['see https://example.org/a?b=c#d.', ['https://example.org/a?b=c#d']],
    ['(http://example.org/x)', ['http://example.org/x']],
    ['https://en.example.org/wiki/Loom_(tool), yes', ['https://en.example.org/wiki/Loom_(tool)']],
    ['HTTPS://EXAMPLE.ORG and https://b.example!', ['HTTPS://EXAMPLE.ORG', 'https://b.example']],
    ['<https://example.org/><script>', ['https://example.org/']],
    ['javascript:alert(1) data:text/html,x //example.org', []],
    ['http:// and https://', []],
    [
      `https://example.org/${'('.repeat(20)}${')'.repeat(20)}`,
      [`https://example.org/${'('.repeat(20)}${')'.repeat(20)}`],
    ],
  ])('%j are %j', (text, links) => {
    const parts = linkText(text);
    expect(parts.flatMap(({ href }) => href ?? [])).toEqual(links);
    expect(parts.map((part) => part.text).join('')).toBe(text);
  });

  it('are found in a hostile text without delay', () => {
    const started = performance.now();
    linkText('https://a/'.repeat(50) + ')'.repeat(2_000) + '.'.repeat(2_000));
    expect(performance.now() - started).toBeLessThan(100);
  });
});

describe('what stands for an author', () => {
  it.each([
    ['Ada Lovelace', 'AL'],
    ['mira', 'M'],
    ['Jean-Luc van der Berg', 'JB'],
    ['👩‍🚀 Sally', '👩‍🚀S'],
    ['élodie', 'É'],
  ])('%j has the initials %j', (name, letters) => {
    expect(initials(name)).toBe(letters);
  });

  it('is a colour that does not change, out of twelve', () => {
    const hues = Array.from({ length: 500 }, (_, index) => authorHue(`author ${index}`));
    expect(authorHue('author 7')).toBe(hues[7]);
    expect(new Set(hues).size).toBe(12);
  });
});

describe('the day of a message', () => {
  const now = new Date(2026, 2, 29, 0, 30).getTime();

  it('is called as people call it', () => {
    expect(dayText(new Date(2026, 2, 29, 0, 1).getTime(), now)).toBe('Today');
    expect(dayText(new Date(2026, 2, 28, 23, 59).getTime(), now)).toBe('Yesterday');
    expect(dayText(new Date(2026, 2, 27, 12).getTime(), now)).toMatch(/27/u);
    expect(dayText(new Date(2025, 2, 27, 12).getTime(), now)).toMatch(/2025/u);
    expect(dayText(new Date(2026, 2, 27, 12).getTime(), now)).not.toMatch(/2026/u);
  });
});
