// Tells subscribers in the store's alarm: a chain of causes begins anew there, and a crash makes the platform ring again.
import { after, platformPorts } from "../platform/ports.ts";
import type { Outbox } from "./outbox.ts";

/** So long after the last word it is still there for another: an alarm for each of many small writes would cost more. */
const LINGER_MS = 50;
/** What nobody waits for is gathered so long; should the store crash meanwhile, its alarm rings again. */
const PATIENCE_MS = 100;
/** After so long the alarm is set anew, so that words that failed are not held up by one that takes its time. */
const TELLING_MS_MAX = 10_000;

/** Tells everybody everything, and what comes up meanwhile. What is left afterwards has failed or takes long. */
export async function tellAll(outbox: Outbox): Promise<void> {
  const { now } = platformPorts;
  const end = now() + TELLING_MS_MAX;
  let gathering = now();
  for (let again = true; now() < end; again = false) {
    const patientToo = now() - gathering >= PATIENCE_MS;
    if (patientToo) gathering = now();
    const due = Math.min(end, gathering + PATIENCE_MS) - now();
    // While somebody takes his time, others are told all the same.
    if (!(await within(due, outbox.flush({ patientToo, again })))) continue;
    if (outbox.isPatient) await within(gathering + PATIENCE_MS - now(), outbox.stirred());
    else if (!outbox.isEmpty) return;
    else {
      await within(LINGER_MS, outbox.stirred());
      if (outbox.isEmpty) return;
      gathering = now();
    }
  }
}

/** Whether the work is done in so long; it goes on all the same. */
async function within(ms: number, work: Promise<void>): Promise<boolean> {
  let stop = (): void => {};
  const late = new Promise<boolean>((done) => (stop = after(ms, () => done(false))));
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    stop();
  }
}
