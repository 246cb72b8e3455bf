/** Finds the code blocks of a Markdown file. */

/** A fence: its indentation, its marks, and what follows them. */
const FENCE = /^([ \t>]*)(`{3,}|~{3,})([^`]*)$/;

/**
 * Every fenced block of `markdown` as `{ language, info, line, code }`: the first word after the fence and the others,
 * the number of the first line of code, and the code without the block's indentation. Throws if a block is not closed.
 */
export function codeBlocks(markdown) {
  const blocks = [];
  let open;
  markdown.split(/\r?\n/).forEach((text, index) => {
    const [, indent, marks, rest] = FENCE.exec(text) ?? [];
    if (open === undefined) {
      if (marks === undefined) return;
      const [language = '', ...info] = rest.trim().split(/\s+/);
      open = { language, info: info.join(' '), line: index + 2, lines: [], indent, marks };
    } else if (marks?.startsWith(open.marks) && rest.trim() === '') {
      const { language, info, line, lines } = open;
      blocks.push({ language, info, line, code: lines.join('\n') });
      open = undefined;
    } else {
      open.lines.push(
        text.startsWith(open.indent) ? text.slice(open.indent.length) : text.trimStart(),
      );
    }
  });
  if (open !== undefined) throw new Error(`line ${open.line - 1}: the code block is not closed`);
  return blocks;
}
