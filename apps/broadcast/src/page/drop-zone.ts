import { byId } from '@heddle/app-kit/page/element';

/** What a drop zone does with the outside. */
export interface DropZoneOptions {
  readonly onFiles: (files: File[]) => void;
  /** Something was dropped that cannot be sent: says why. */
  readonly onProblem: (sentence: string) => void;
}

/**
 * Takes files: dropped anywhere on the page, since a file that misses its target would open in place
 * of it; or chosen with the button, which is what a keyboard, a finger and a screen reader have.
 */
export class DropZone {
  readonly #options: DropZoneOptions;
  readonly #input = byId('files', HTMLInputElement);
  /** Entering a child comes before leaving its parent, so they are counted. */
  #depth = 0;

  constructor(options: DropZoneOptions) {
    this.#options = options;
    byId('choose', HTMLButtonElement).addEventListener('click', () => this.#input.click());
    this.#input.addEventListener('change', () => this.#take([...(this.#input.files ?? [])]));
    document.addEventListener('dragenter', (event) => this.#move(event, 1));
    document.addEventListener('dragleave', (event) => this.#move(event, -1));
    document.addEventListener('dragover', (event) => {
      if (carriesFiles(event)) event.preventDefault();
    });
    document.addEventListener('drop', (event) => this.#drop(event));
  }

  #move(event: DragEvent, step: 1 | -1): void {
    if (carriesFiles(event)) this.#show(this.#depth + step);
  }

  #drop(event: DragEvent): void {
    if (event.dataTransfer === null || !carriesFiles(event)) return;
    event.preventDefault();
    this.#show(0);
    const items = [...event.dataTransfer.items].filter(({ kind }) => kind === 'file');
    const isFolder = (item: DataTransferItem) => item.webkitGetAsEntry()?.isDirectory === true;
    const files = items.filter((item) => !isFolder(item)).map((item) => item.getAsFile());
    this.#take(files.filter((file) => file !== null));
    if (items.some(isFolder)) {
      this.#options.onProblem('A folder cannot be sent. Send an archive of it, or its files.');
    }
  }

  #take(files: File[]): void {
    this.#options.onProblem('');
    if (files.length > 0) this.#options.onFiles(files);
    // So that the same file can be chosen once more.
    this.#input.value = '';
  }

  #show(depth: number): void {
    this.#depth = Math.max(0, depth);
    document.body.classList.toggle('dragging', this.#depth > 0);
  }
}

function carriesFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') === true;
}
