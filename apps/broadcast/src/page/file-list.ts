import { byId } from '@heddle/app-kit/page/element';
import { FileRow, type RowContent } from './file-row.ts';

/** Shows files, each in a row of its own that stays as long as the file is in the list. */
export class FileList<T extends object> {
  readonly #list: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #describe: (file: T) => RowContent;
  #rows = new Map<T, FileRow>();

  /** `id` is that of the list; what is shown when it is empty is `<id>-empty`. */
  constructor(id: string, describe: (file: T) => RowContent) {
    this.#list = byId(id, HTMLElement);
    this.#empty = byId(`${id}-empty`, HTMLElement);
    this.#describe = describe;
  }

  update(files: readonly T[]): void {
    const rows = new Map(files.map((file) => [file, this.#rows.get(file) ?? new FileRow()]));
    this.#removeAllBut(rows);
    this.#rows = rows;
    // What is in its place already is not touched: moving an element costs it the focus.
    let next = this.#list.firstElementChild;
    for (const [file, row] of rows) {
      row.update(this.#describe(file));
      if (row.element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(row.element, next);
    }
    this.#empty.hidden = files.length > 0;
  }

  #removeAllBut(rows: ReadonlyMap<T, FileRow>): void {
    for (const [file, { element }] of this.#rows) {
      if (rows.has(file)) continue;
      const hadFocus = element.contains(document.activeElement);
      const neighbour = element.nextElementSibling ?? element.previousElementSibling;
      element.remove();
      if (!hadFocus) continue;
      // The keyboard goes to the next file, or to where files come from.
      const button = neighbour?.querySelector<HTMLElement>('.file-buttons > *');
      (button ?? byId('choose', HTMLElement)).focus();
    }
  }
}
