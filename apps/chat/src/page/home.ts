import { byId, create } from '@heddle/app-kit/page/element';
import { MAX_ROOM_LENGTH } from '../shared/limits.ts';
import { roomPath, toRoomName } from '../shared/room-name.ts';
import { randomRoomName } from './random-room-name.ts';
import { recentRooms } from './recent-rooms.ts';

const input = byId('room', HTMLInputElement);
const error = byId('room-error', HTMLElement);
const link = byId('room-link', HTMLElement);
const suggestion = randomRoomName();

input.placeholder = suggestion;
input.addEventListener('input', () => {
  showError('');
  showLink();
});
byId('home-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  const room = chosenRoom();
  if (room !== undefined) return location.assign(roomPath(room));
  showError(`A room's name has letters or digits, and at most ${MAX_ROOM_LENGTH} of them.`);
  input.focus();
});
showLink();
showRecent();
input.focus();

/** An empty field means what it suggests. */
function chosenRoom(): string | undefined {
  return toRoomName(input.value.trim() === '' ? suggestion : input.value);
}

function showError(sentence: string): void {
  error.textContent = sentence;
  input.setAttribute('aria-invalid', String(sentence !== ''));
}

function showLink(): void {
  const room = chosenRoom();
  link.textContent = room === undefined ? '' : `${location.host}/r/${room}`;
}

function showRecent(): void {
  const rooms = recentRooms();
  byId('recent', HTMLElement).hidden = rooms.length === 0;
  byId('recent-list', HTMLElement).replaceChildren(
    ...rooms.map((room) => create('li', {}, create('a', { href: roomPath(room) }, room))),
  );
}
