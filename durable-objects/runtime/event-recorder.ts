// Writes Events in batches: a new one is created, an equal one is counted up on the object that is there. Nothing depends on them: where
// much happens at once, they are written when that is done. (Upstream's kubelet writes 50 a second after a burst of 100: eventRecordQPS.)
import { PolicySnapshot } from "../client/policy.ts";
import { after } from "../platform/ports.ts";
import { cameUp, isCrowded } from "./crowd.ts";
import { admissionContext, prepareWrites, type Submitter, type Write } from "./submitter.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import { EVENT_AGGREGATE_MS, eventKey, eventNamespace, eventObject, type EventFact } from "../../shared/reconcile/event-object.ts";
import { rfc3339 } from "../../shared/meta/time.ts";
import type { WriteRequest } from "../../shared/verbs/write-request.ts";

/** What is to be written: an Event, or that one happened again. */
type Entry = { readonly first: Write } | { readonly again: WriteRequest };
/** What happened, and when: made into an entry no sooner than it is written. */
interface Happened {
  readonly fact: EventFact;
  readonly at: number;
}
interface Recorded {
  readonly namespace: string;
  readonly name: string;
  count: number;
  at: number;
}
/** How many events one recorder remembers in order to count them. */
const REMEMBERED_MAX = 4096;
/** How many may wait with one recorder. */
const WAITING_MAX = 10_000;
const WRITTEN_AT_ONCE = 256;
const NANOS_START = 900_000;
const RESOURCE = "/events";

/** In a crowd they wait so long, and each time twice as long while there is one, or who waits is woken too late: then others need the thread. */
const WAIT_MS = 250;
const LATE_MS = 20;
/** So soon they are written after the crowd, then. */
const LOOK_MS_MAX = 2_000;
/** At most between so long and twice as long: a crowd that lasts does not get all of them in one moment. */
const WAIT_MS_MAX = 10_000;
/** When the store cannot be asked, and how often. */
const RETRY_MS = 2_000;
const TRIES_MAX = 5;

export class EventRecorder {
  readonly #submitter: Submitter;
  readonly #kind: AnyKind;
  readonly #policy = new PolicySnapshot();
  readonly #seen = new Map<string, Recorded>();
  #waiting: (Happened | Entry)[] = [];
  /** Until when at most, while a timer is set. */
  #waitsUntil: number | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failures = 0;
  #nanos: number | undefined;
  #last = 0n;

  constructor(submitter: Submitter, kind: AnyKind) {
    this.#submitter = submitter;
    this.#kind = kind;
  }

  /**
   * Takes in all, in order. They are written when it resolves, or when the crowd is gone, twenty seconds later at most. What waits is lost when
   * the actor dies; an event that cannot be written (its namespace is going away) is dropped: upstream's recorder does the same.
   */
  async record(facts: readonly EventFact[]): Promise<void> {
    if (facts.length === 0) return;
    const now = this.#submitter.ports.now();
    for (const fact of facts) this.#waiting.push({ fact, at: now });
    cameUp(facts.length, now);
    if (this.#waiting.length >= WAITING_MAX) await this.#write({ fresh: true });
    else if (this.#waitsUntil !== undefined) return;
    else if (isCrowded(now)) this.#wait(now + WAIT_MS_MAX + this.#submitter.ports.dice(WAIT_MS_MAX), WAIT_MS);
    else await this.#write({ fresh: false });
  }

  #wait(until: number, ms: number): void {
    const due = this.#submitter.ports.now() + ms;
    this.#waitsUntil = until;
    after(ms, () => {
      const now = this.#submitter.ports.now();
      if ((isCrowded(now) || now - due > LATE_MS) && now < until) return this.#wait(until, Math.min(2 * ms, LOOK_MS_MAX, until - now));
      this.#waitsUntil = undefined;
      // What was known of namespaces may be older than what has happened in them since.
      void this.#write({ fresh: true });
    });
  }

  /** One after the other: what happened again has to find what happened first. */
  #write(how: { readonly fresh: boolean }): Promise<void> {
    return (this.#writing = this.#writing.then(() => this.#writeWaiting(how)));
  }
  async #writeWaiting(how: { readonly fresh: boolean }): Promise<void> {
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, WRITTEN_AT_ONCE).map((one) => ("fact" in one ? this.#entry(one.fact, one.at) : one));
      try {
        await this.#send(some, how);
        this.#failures = 0;
      } catch (error) {
        this.#waiting.unshift(...some);
        return this.#failed(error instanceof Error ? error.message : String(error));
      }
    }
  }
  /** Later, then: what of it is written already is refused when it comes again, or says the same again. */
  #failed(message: string): void {
    if (++this.#failures === TRIES_MAX) {
      // oxlint-disable-next-line no-console -- the log of the Worker is where operators look
      console.error(
        JSON.stringify({ level: "error", message: `${this.#waiting.length} events of ${this.#submitter.username} could not be written: ${message}` }),
      );
      this.#failures = 0;
      this.#waiting = [];
    } else if (this.#waitsUntil === undefined) this.#wait(this.#submitter.ports.now(), RETRY_MS);
  }
  async #send(entries: readonly Entry[], how: { readonly fresh: boolean }): Promise<void> {
    const firsts = entries.flatMap((entry) => ("first" in entry ? [entry.first] : []));
    const prepared = await prepareWrites(this.#submitter, this.#policy, firsts, how);
    const created = prepared.flatMap((result) => (result.ok ? [result.value.request] : []));
    const requests = [...created, ...entries.flatMap((entry) => ("again" in entry ? [entry.again] : []))];
    if (requests.length > 0) await this.#submitter.stores.write(RESOURCE, requests);
  }
  #entry(fact: EventFact, now: number): Entry {
    const key = eventKey(fact);
    const known = this.#seen.get(key);
    if (known && now - known.at < EVENT_AGGREGATE_MS) return { again: this.#repeat(known, now) };
    return { first: this.#first(key, fact, now) };
  }

  #first(key: string, fact: EventFact, now: number): Write {
    const stamp = this.#stamp(now);
    const name = `${fact.about.metadata?.name ?? ""}.${stamp}`;
    if (this.#seen.size >= REMEMBERED_MAX) for (const oldest of this.#seen.keys()) if (this.#seen.delete(oldest)) break;
    this.#seen.set(key, { namespace: eventNamespace(fact), name, count: 1, at: now });
    const object: KubeObject = eventObject(fact, { name, now });
    return { kind: this.#kind, object, namespace: eventNamespace(fact), fieldManager: fact.component };
  }

  /** Sixteen hexadecimal digits of nanoseconds, as client-go names events: names ascend in the order in which things happened. */
  #stamp(now: number): string {
    // Where in a millisecond a recorder begins is drawn once, so that two of them do not name one object's events alike.
    this.#nanos ??= this.#submitter.ports.dice(NANOS_START);
    const next = BigInt(now) * 1_000_000n + BigInt(this.#nanos);
    this.#last = next > this.#last ? next : this.#last + 1n;
    return this.#last.toString(16).padStart(16, "0");
  }

  #repeat(known: Recorded, now: number): WriteRequest {
    known.count++;
    known.at = now;
    const { user } = admissionContext(this.#submitter);
    return {
      verb: "patch",
      group: "",
      version: "v1",
      namespace: known.namespace,
      name: known.name,
      patchType: "merge",
      text: JSON.stringify({ count: known.count, lastTimestamp: rfc3339(now) }),
      user,
      options: { fieldManager: this.#submitter.manager, brief: true },
    };
  }
}
