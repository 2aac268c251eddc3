// Allocates nothing per turn: one list, emptied and used again.
// Guarded by bench/src/websocket.ts.

/** Something with bytes to write before the turn is over. */
export interface Flushable {
  flush(): void;
}

let waiting: Flushable[] = [];
let spare: Flushable[] = [];

/**
 * Calls `flush` of each once, when the code that runs now and the promises it settles have run: whatever they send
 * leaves in one write. A tick comes before any input and output, so this adds no latency that could be measured.
 */
export function flushThisTurn(one: Flushable): void {
  if (waiting.length === 0) process.nextTick(flushAll);
  waiting.push(one);
}

function flushAll(): void {
  const due = waiting;
  waiting = spare;
  for (const one of due) one.flush();
  due.length = 0;
  spare = due;
}
