/** The number of the turn of the event loop that was last asked for. */
let turn = 0;
let over = true;

/** A number that changes with each turn of the event loop. */
export function currentTurn(): number {
  if (over) {
    over = false;
    turn++;
    setImmediate(() => {
      over = true;
    });
  }
  return turn;
}
