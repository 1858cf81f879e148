// Whether many actors have work at the same moment. All that live in an isolate share its one thread: what nobody waits for can give way.

/** There is a crowd when so many things come within so long ... */
const MANY = 32;
const WITHIN_MS = 100;
/** ... and it lasts so long after the last of them: what comes of them comes in waves. */
const LASTS_MS = 500;

let began = 0;
let counted = 0;
let until = 0;

/** Tells of so many new things at this moment. */
export function cameUp(things: number, now: number): void {
  if (now < began || now - began >= WITHIN_MS) {
    if (now < began) until = 0;
    began = now;
    counted = 0;
  }
  counted += things;
  if (counted > MANY) until = now + LASTS_MS;
}

export const isCrowded = (now: number): boolean => now >= began && now < until;
