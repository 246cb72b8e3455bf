interface Shown {
  readonly element: Element;
  /** What the element was made from. */
  readonly contents: string;
}

/**
 * Keeps the children of an element in step with a list. A child is made again only when its item
 * has changed, so that nobody loses the focus or a selection because somebody else wrote something.
 */
export class KeyedList<T extends { readonly key: string }> {
  readonly #parent: Element;
  readonly #render: (item: T) => Element;
  #shown = new Map<string, Shown>();

  constructor(parent: Element, render: (item: T) => Element) {
    this.#parent = parent;
    this.#render = render;
  }

  /** Shows these items, which must have different keys. */
  update(items: readonly T[]): void {
    this.#shown = new Map(items.map((item) => [item.key, this.#show(item)]));
    const elements = new Set([...this.#shown.values()].map(({ element }) => element));
    for (const child of [...this.#parent.children]) if (!elements.has(child)) child.remove();
    // What is in its place already is not touched: moving an element costs it the focus, too.
    let next = this.#parent.firstElementChild;
    for (const element of elements) {
      if (element === next) next = next.nextElementSibling;
      else this.#parent.insertBefore(element, next);
    }
  }

  #show(item: T): Shown {
    const contents = JSON.stringify(item);
    const shown = this.#shown.get(item.key);
    return shown?.contents === contents ? shown : { element: this.#render(item), contents };
  }
}
