/** How close to the end counts as being there, in pixels. */
const NEAR = 48;

/**
 * Where somebody reads: at the end, where new messages come into view by themselves, or further up,
 * where nothing may move under their eyes.
 */
export class ScrollPosition {
  readonly #scroller: HTMLElement;
  #atEnd = true;
  /** Of the scroller, when its size was last seen to. */
  #height = 0;

  /** `onChange` is called when somebody arrives at the end, or leaves it. */
  constructor(scroller: HTMLElement, onChange: () => void) {
    this.#scroller = scroller;
    // So that the keyboard can scroll it. Browsers do that by themselves until a link is in it.
    scroller.tabIndex = 0;
    scroller.addEventListener('scroll', () => this.#look(onChange), { passive: true });
    // The composer grows, the keyboard comes up, the device is turned: the end stays the end.
    new ResizeObserver(() => {
      this.#height = scroller.clientHeight;
      if (this.#atEnd) this.toEnd();
    }).observe(scroller);
  }

  get atEnd(): boolean {
    return this.#atEnd;
  }

  /** Shows the end. */
  toEnd(): void {
    this.#atEnd = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** Shows an element in the upper part of the view. */
  toElement(element: Element): void {
    const distance = topOf(element) - topOf(this.#scroller);
    this.#scroller.scrollTop += distance - this.#scroller.clientHeight / 4;
    this.#atEnd = this.#distance() <= NEAR;
  }

  /** Lets `change` alter the content without moving what is being read. */
  keep(change: () => void): void {
    const before = this.#visible().map((element) => ({ element, top: topOf(element) }));
    change();
    if (this.#atEnd) {
      this.toEnd();
      return;
    }
    // The first that is still there: `change` may have made an element anew.
    const anchor = before.find(({ element }) => element.isConnected);
    if (anchor !== undefined) this.#scroller.scrollTop += topOf(anchor.element) - anchor.top;
  }

  #visible(): Element[] {
    const { top, bottom } = this.#scroller.getBoundingClientRect();
    return [...this.#scroller.querySelectorAll('li')].filter((element) => {
      const box = element.getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    });
  }

  #look(onChange: () => void): void {
    // A new size, of which scroll events may tell before the observer: nobody has scrolled by it.
    if (this.#scroller.clientHeight !== this.#height) return;
    const atEnd = this.#distance() <= NEAR;
    if (atEnd === this.#atEnd) return;
    this.#atEnd = atEnd;
    onChange();
  }

  #distance(): number {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }
}

function topOf(element: Element): number {
  return element.getBoundingClientRect().top;
}
