// Writes Events in batches: a new one is created, an equal one is counted up on the object that is there.
import { PolicySnapshot } from "../client/policy.ts";
import { admissionContext, prepareWrites, type Submitter, type Write } from "./submitter.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import { EVENT_AGGREGATE_MS, eventKey, eventNamespace, eventObject, type EventFact } from "../../shared/reconcile/event-object.ts";
import { rfc3339 } from "../../shared/meta/time.ts";
import type { WriteRequest } from "../../shared/verbs/write-request.ts";

interface Recorded {
  readonly namespace: string;
  readonly name: string;
  count: number;
  at: number;
}
/** How many events one recorder remembers in order to count them. */
const REMEMBERED_MAX = 4096;
const NANOS_START = 900_000;
const RESOURCE = "/events";

export class EventRecorder {
  readonly #submitter: Submitter;
  readonly #kind: AnyKind;
  readonly #policy = new PolicySnapshot();
  readonly #seen = new Map<string, Recorded>();
  #nanos: number | undefined;
  #last = 0n;

  constructor(submitter: Submitter, kind: AnyKind) {
    this.#submitter = submitter;
    this.#kind = kind;
  }

  /** Records all; an event that cannot be written (its namespace is going away) is dropped, as upstream's recorder does. */
  async record(facts: readonly EventFact[]): Promise<void> {
    if (facts.length === 0) return;
    const now = this.#submitter.ports.now();
    const repeated: WriteRequest[] = [];
    const fresh: Write[] = [];
    for (const fact of facts) {
      const key = eventKey(fact);
      const known = this.#seen.get(key);
      if (known && now - known.at < EVENT_AGGREGATE_MS) repeated.push(this.#repeat(known, now));
      else fresh.push(this.#first(key, fact, now));
    }
    const prepared = await prepareWrites(this.#submitter, this.#policy, fresh);
    const requests = [...prepared.flatMap((result) => (result.ok ? [result.value.request] : [])), ...repeated];
    if (requests.length > 0) await this.#submitter.stores.write(RESOURCE, requests);
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
