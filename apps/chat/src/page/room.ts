import { byId } from '@heddle/app-kit/page/element';
import { toRoomName } from '../shared/room-name.ts';
import { wireCopyLink } from './copy-link.ts';
import { lastName } from './identity.ts';
import { NameForm } from './name-form.ts';
import { rememberRoom } from './recent-rooms.ts';
import { RoomPage } from './room-page.ts';
import { followVisibleHeight } from './visible-height.ts';

const room = toRoomName(decodeURIComponent(location.pathname.split('/')[2] ?? '')) ?? 'room';
const door = byId('door', HTMLElement);

document.title = `${room} · Heddle chat`;
byId('door-room', HTMLElement).textContent = room;
byId('room-name', HTMLElement).textContent = room;
wireCopyLink();

const knownName = lastName();
if (knownName === undefined) askAtTheDoor();
else enter(knownName);

function askAtTheDoor(): void {
  door.hidden = false;
  const ids = { form: 'door-form', input: 'door-name', error: 'door-error' };
  new NameForm(ids, enter).begin();
}

function enter(name: string): void {
  door.hidden = true;
  byId('room', HTMLElement).hidden = false;
  rememberRoom(room);
  followVisibleHeight();
  const page = new RoomPage(room, name);
  wireRename(page);
  page.start();
  globalThis.addEventListener('online', () => page.session.connection.connect());
  globalThis.addEventListener('offline', () => page.session.connection.check());
}

function wireRename(page: RoomPage): void {
  const dialog = byId('rename-dialog', HTMLDialogElement);
  const ids = { form: 'rename-form', input: 'rename-name', error: 'rename-error' };
  const form = new NameForm(ids, (name) => {
    page.session.rename(name);
    dialog.close();
  });
  byId('rename', HTMLButtonElement).addEventListener('click', () => {
    dialog.showModal();
    form.begin();
  });
  byId('rename-cancel', HTMLButtonElement).addEventListener('click', () => dialog.close());
}
