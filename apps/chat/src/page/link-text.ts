/** A stretch of a message's text; with `href`, it is a link to there. */
export interface TextPart {
  readonly text: string;
  readonly href?: string;
}

/** No other scheme: a `javascript:` link would be markup that runs. */
const URL_IN_TEXT = /https?:\/\/[^\s<>"]+/giu;

/** Splits a text into plain stretches and web addresses. Joined, the parts are the text again. */
export function linkText(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(URL_IN_TEXT)) {
    const address = withoutPunctuation(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: address, href: address });
    end = match.index + address.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** What ends the sentence is not the address; nor is a bracket that was opened before it. */
function withoutPunctuation(address: string): string {
  let unopened = address.split(')').length - address.split('(').length;
  let end = address.length;
  for (; end > 0; end--) {
    const character = address.charAt(end - 1);
    if (character === ')' && unopened-- > 0) continue;
    if (!/[.,;:!?'’”»\]}]/u.test(character)) break;
  }
  return address.slice(0, end);
}
