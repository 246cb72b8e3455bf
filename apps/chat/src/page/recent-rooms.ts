import { toRoomName } from '../shared/room-name.ts';
import { keptText } from './browser-storage.ts';

const KEPT = 6;
const kept = keptText('localStorage', 'heddle-chat:rooms');

/** The rooms that were visited in this browser, the last one first. */
export function recentRooms(): readonly string[] {
  const rooms = (kept.read() ?? '').split('\n');
  return rooms.filter((room) => room !== '' && toRoomName(room) === room);
}

/** Remembers a visit. */
export function rememberRoom(room: string): void {
  const others = recentRooms().filter((other) => other !== room);
  kept.write([room, ...others].slice(0, KEPT).join('\n'));
}
