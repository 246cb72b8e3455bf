import { describe, expect, it } from 'vitest';
import { codeBlocks } from '../code-blocks.mjs';

const lines = (...text) => text.join('\n');

describe('code blocks of a document', () => {
  it('have a language and the number of their first line', () => {
    const blocks = codeBlocks(lines('# Title', '', '```ts', 'const a = 1;', 'const b = 2;', '```'));
    expect(blocks).toEqual([
      { language: 'ts', info: '', line: 4, code: 'const a = 1;\nconst b = 2;' },
    ]);
  });

  it('keep what follows the language', () => {
    expect(codeBlocks(lines('```ts ignore-check', '```'))).toMatchObject([
      { language: 'ts', info: 'ignore-check' },
    ]);
  });

  it('lose the indentation of a list or a quotation', () => {
    const [inList, quoted] = codeBlocks(
      lines('- x', '  ```ts', '  if (a) {', '    b;', '  }', '  ```', '> ```ts', '> a;', '> ```'),
    );
    expect(inList.code).toBe('if (a) {\n  b;\n}');
    expect(quoted.code).toBe('a;');
  });

  it('may hold shorter fences', () => {
    const blocks = codeBlocks(lines('````md', '```ts', 'a;', '```', '````', '~~~ts', 'b;', '~~~'));
    expect(blocks.map(({ language }) => language)).toEqual(['md', 'ts']);
  });

  it('must be closed', () => {
    expect(() => codeBlocks(lines('text', '```ts', 'a;'))).toThrow('line 2');
  });

  it('are no code spans', () => {
    expect(codeBlocks('```ts``` is a span')).toEqual([]);
  });
});
