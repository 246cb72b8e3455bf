import { byId } from '@heddle/app-kit/page/element';
import { Announcer } from './announcer.ts';
import { ConnectionView } from './connection-view.ts';
import { DropZone } from './drop-zone.ts';
import { FileList } from './file-list.ts';
import type { IncomingFile } from './incoming-file.ts';
import { incomingRow } from './incoming-row.ts';
import { NameDialog } from './name-dialog.ts';
import type { OutgoingFile } from './outgoing-file.ts';
import { outgoingRow } from './outgoing-row.ts';
import { PeopleView } from './people-view.ts';
import type { LineState } from './server-line.ts';
import { Session, type SessionListener } from './session.ts';

/** How often the page is drawn, at most: a file brings hundreds of chunks each second. */
const DRAW_MS = 100;

/** How often it is drawn while files are on their way: a rate sinks although nothing happens. */
const REFRESH_MS = 1_000;

/** The page as somebody sees it: the session, and what shows it. */
export class BroadcastPage implements SessionListener {
  readonly session: Session;
  readonly #announcer = new Announcer();
  readonly #connection: ConnectionView;
  readonly #people = new PeopleView();
  readonly #name: NameDialog;
  readonly #outgoing;
  readonly #incoming;
  #drawTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string) {
    this.session = new Session(name, this);
    const { session } = this;
    this.#connection = new ConnectionView(session.line);
    this.#name = new NameDialog(session);
    this.#outgoing = new FileList('outgoing', (file: OutgoingFile) => outgoingRow(file, session));
    this.#incoming = new FileList('incoming', (file: IncomingFile) => incomingRow(file, session));
    const problem = byId('drop-error', HTMLElement);
    new DropZone({
      onFiles: (files) => session.share(files),
      onProblem: (sentence) => {
        problem.textContent = sentence;
      },
    });
    setInterval(() => session.busy && this.onChange(), REFRESH_MS);
    this.#draw();
  }

  onConnection(state: LineState): void {
    this.#connection.update(state, this.session.goodbye);
  }

  onNews(sentence: string): void {
    this.#announcer.announce(sentence);
  }

  onChange(): void {
    this.#drawTimer ??= setTimeout(() => this.#draw(), DRAW_MS);
  }

  #draw(): void {
    this.#drawTimer = undefined;
    this.#name.update();
    this.#people.update(this.session);
    this.#outgoing.update(this.session.outgoing);
    this.#incoming.update(this.session.incoming);
  }
}
