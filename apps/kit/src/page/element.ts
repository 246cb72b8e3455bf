/** The element of the document with this id; throws if there is none of this kind. */
export function byId<T extends Element>(id: string, kind: abstract new () => T): T {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`The document has no ${kind.name} #${id}`);
}

/**
 * Makes an element. Strings become text, never markup: nothing in this page parses HTML, and its
 * Content-Security-Policy would refuse it.
 */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
