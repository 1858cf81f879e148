// Tells subscribers in the store's alarm: a chain of causes begins anew there, and a crash makes the platform ring again.
import { after, platformPorts } from "../platform/ports.ts";
import type { Outbox } from "./outbox.ts";

/** So long after the last word it is still there for another: an alarm for each of many small writes would cost more. */
const LINGER_MS = 50;
/** After so long the alarm is set anew, so that words that failed are not held up by one that takes its time. */
const TELLING_MS_MAX = 10_000;

/** Tells everybody everything, and what comes up meanwhile. What is left afterwards has failed or takes long. */
export async function tellAll(outbox: Outbox): Promise<void> {
  const end = platformPorts.now() + TELLING_MS_MAX;
  for (let left = TELLING_MS_MAX; left > 0; left = end - platformPorts.now()) {
    await within(left, outbox.flush());
    if (!outbox.isEmpty) return;
    await within(LINGER_MS, outbox.stirred());
    if (outbox.isEmpty) return;
  }
}

/** Resolves when the work is done, or takes longer than that; it goes on all the same. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let stop = (): void => {};
  const late = new Promise<void>((done) => (stop = after(ms, done)));
  try {
    await Promise.race([work, late]);
  } finally {
    stop();
  }
}
