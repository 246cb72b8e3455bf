const MOODS = ['amber', 'bright', 'calm', 'early', 'gentle', 'indigo', 'quiet', 'silver', 'warm'];
const PLACES = ['garden', 'harbour', 'kitchen', 'lantern', 'loom', 'meadow', 'orchard', 'porch'];

/** A name for a room that nobody else is likely to be in, and that can be said on the telephone. */
export function randomRoomName(): string {
  const [mood = 0, place = 0, number = 0] = crypto.getRandomValues(new Uint32Array(3));
  return [pick(MOODS, mood), pick(PLACES, place), String(100 + (number % 900))].join('-');
}

function pick(words: readonly string[], random: number): string {
  return words[random % words.length] ?? '';
}
