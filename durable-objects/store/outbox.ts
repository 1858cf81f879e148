// Who must hear of a store's changes, and how far they have: at least once, in batches, one call at a time to each.
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import type { ResourceId } from "../../shared/reconcile/controller.ts";
import { fitting } from "../../shared/base/fitting.ts";
import { platformPorts } from "../platform/ports.ts";
import { parsedNext, parsedOld, type StoreEvent } from "./history.ts";
import { type Rest, Rests } from "./rests.ts";

/** Sorts of actors that can be told something. */
export type Family = "controller" | "scheduler" | "node" | "cluster";
export interface Change {
  readonly resource: ResourceId;
  readonly resourceVersion: number;
  /** Undefined for a deletion. */
  readonly next: KubeObject | undefined;
  /** Undefined for a creation. For a deletion: the last state. */
  readonly old: KubeObject | undefined;
  /** The object as stored; of a deletion: the last state. */
  readonly text: string;
}
/** When whoever gathers is told: when so many things came up for him, or after so long. */
export interface Gathering {
  /** Who was told of more at once has nothing to gather: he would only fall behind. */
  readonly few: number;
  readonly enough: number;
  readonly ms: number;
}
export interface Item {
  readonly actor: string;
  /** Short text or JSON; equal ones for one actor are told once in a batch. */
  readonly item: string;
  /** It carries an object as it is now: no other is equal, and to look for one costs as much as to tell it. */
  readonly distinct?: true;
}
/** What somebody wants to hear; a brick, handed to the store by the composition root. */
export interface Subscription {
  readonly family: Family;
  /** `*`: of every resource. */
  readonly resource: ResourceId;
  /** Nobody waits for what comes of it: it may be told a moment later, together with what comes up until then. */
  readonly patient?: boolean;
  /** Nothing comes of it while nobody has written to this resource: what would be told then is let go. */
  readonly dormantWithout?: ResourceId;
  /** Whoever is told does many things at a time for little more than one: while much changes, he is told of more at a time. */
  readonly gathers?: Gathering;
  /** Whom to tell what. Pure and cheap. */
  items(change: Change): readonly Item[];
}
export interface Reach {
  /** Tells an actor; resolves when the actor has done what follows from the items, or has written down that it is to be done. */
  readonly deliver: (family: Family, actor: string, items: readonly string[]) => Promise<void>;
  /** Whether the cluster has of a resource, at this moment, more than it was born with. */
  readonly isWritten: (resource: ResourceId) => boolean | Promise<boolean>;
}

/**
 * When so many objects began to end or went while somebody was told, he is told of others only after a rest: many times as long as it took
 * him, since all that a node or a controller does for one of them it does for a hundred at once, and nobody waits for each.
 */
const ENDINGS_MANY = 16;
const REST_TIMES = 3;
const REST_MS_MAX = 200;
/** Much changes when so many other things did while somebody was told. */
const CHANGES_MANY = 8;
/** And there is a flood while five hundred change in a second: who gathers rests on then, so often at most. */
const FLOOD_PER_MS = 0.5;
const FLOOD_RESTS_MAX = 8;

interface Pending {
  readonly family: Family;
  readonly actor: string;
  /** By themselves, or by number where no other can be equal. */
  items: Map<string | number, string>;
  /** Lowest version that an undelivered item comes from. */
  since: number;
  busy: boolean;
  /** All that waits is patient. */
  patient: boolean;
  /** Nothing comes of anything that waits while nobody has written to this resource. */
  dormantWithout: ResourceId | undefined;
  /** In which attempt it failed last: it is not tried twice in one. */
  failedIn: number;
  /** Something waits that is not about the end of an object. */
  hurried: boolean;
  gathers: Gathering | undefined;
  /** There while it rests, and what ends that. */
  rest: (Rest & { readonly endsWith: "enough" | "hurried" }) | undefined;
}

interface Word extends Item {
  readonly version: number;
  readonly isEnding: boolean;
}

export class Outbox {
  readonly #resource: ResourceId;
  readonly #subscriptions: readonly Subscription[];
  readonly #reach: Reach;
  readonly #pending = new Map<string, Pending>();
  #last = 0;
  /** Those who are to be told and are not being told. */
  readonly #due = new Set<string>();
  #busy = 0;
  #attempts = 0;
  #patience = false;
  /** There while a flush is under way: who waits for its end. */
  #ends: (() => void)[] | undefined;
  #stirred: (() => void)[] = [];
  /** Counts changes, and those of them that were about the end of an object. */
  #changes = 0;
  #endings = 0;
  /** Numbers distinct items. */
  #distinct = 0;
  readonly #rests = new Rests();

  constructor(kind: AnyKind, subscriptions: readonly Subscription[], reach: Reach) {
    this.#resource = `${kind.group}/${kind.resource}`;
    this.#subscriptions = subscriptions.filter(({ resource }) => resource === "*" || resource === this.#resource);
    this.#reach = reach;
  }

  /** Sorts events to those who want them. A flush that is under way sends them; else call `flush`. */
  add(events: readonly StoreEvent[]): void {
    for (const event of events) {
      this.#last = Math.max(this.#last, event.resourceVersion);
      if (this.#subscriptions.length === 0) continue;
      const gone = event.type === "DELETED";
      const change: Change = {
        resource: this.#resource,
        resourceVersion: event.resourceVersion,
        next: gone ? undefined : parsedNext(event),
        old: gone ? parsedNext(event) : parsedOld(event),
        text: event.text,
      };
      this.#changes++;
      const isEnding = gone || change.next?.metadata?.deletionTimestamp !== undefined;
      if (isEnding) this.#endings++;
      for (const subscription of this.#subscriptions) {
        for (const item of subscription.items(change)) this.#put(subscription, { ...item, version: event.resourceVersion, isEnding });
      }
      event.next = undefined;
      event.old = undefined;
    }
    this.#rests.heard();
    this.#stir();
  }

  #put({ family, patient = false, dormantWithout, gathers }: Subscription, { actor, item, distinct, version, isEnding }: Word): void {
    const key = `${family}:${actor}`;
    let pending = this.#pending.get(key);
    if (!pending) {
      const unsent = { items: new Map<string | number, string>(), since: version, patient, dormantWithout, hurried: false };
      pending = { family, actor, ...unsent, busy: false, failedIn: 0, gathers, rest: undefined };
      this.#pending.set(key, pending);
    }
    if (pending.items.size === 0 && !pending.busy) pending.since = version;
    pending.patient = patient && (pending.patient || pending.items.size === 0);
    pending.dormantWithout = pending.items.size === 0 || pending.dormantWithout === dormantWithout ? dormantWithout : undefined;
    pending.gathers = gathers;
    pending.items.set(distinct ? this.#distinct++ : item, item);
    if (!isEnding && !patient) pending.hurried = true;
    const { rest } = pending;
    if (rest?.endsWith === "hurried" ? pending.hurried : pending.items.size >= (gathers?.enough ?? 0)) rest?.end();
    if (!pending.busy) this.#due.add(key);
  }

  /** Everything up to here has been recorded by everybody. */
  get told(): number {
    let told = this.#last;
    for (const pending of this.#pending.values()) if (pending.items.size > 0 || pending.busy) told = Math.min(told, pending.since - 1);
    return told;
  }
  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }
  /** Somebody is still to be told who need not be told at once. */
  get isPatient(): boolean {
    for (const key of this.#due) if (this.#pending.get(key)?.patient) return true;
    return false;
  }

  /**
   * Sends what waits and what comes meanwhile, one call at a time to each actor. Resolves when nothing is under way any more; what
   * failed waits. `patientToo`: also what nobody waits for. `again`: also what failed before.
   */
  async flush({ patientToo = true, again = true }: { readonly patientToo?: boolean; readonly again?: boolean } = {}): Promise<void> {
    if (again) this.#attempts++;
    this.#patience ||= patientToo;
    if (this.#ends) {
      this.#stir();
      return new Promise((done) => this.#ends?.push(done));
    }
    const ends: (() => void)[] = (this.#ends = []);
    for (;;) {
      const next = this.stirred();
      if (!this.#sendDue()) break;
      await next;
    }
    this.#ends = undefined;
    for (const done of ends) done();
  }
  /** Whether anything is under way. */
  #sendDue(): boolean {
    const patience = this.#patience;
    this.#patience = false;
    for (const key of this.#due) {
      const pending = this.#pending.get(key);
      if (pending && (pending.failedIn === this.#attempts || (pending.patient && !patience))) continue;
      this.#due.delete(key);
      if (pending) void this.#send(key, pending, this.#attempts);
    }
    return this.#busy > 0;
  }
  /** Resolves when something came, or a call ended. */
  stirred(): Promise<void> {
    return new Promise((done) => this.#stirred.push(done));
  }
  #stir(): void {
    for (const done of this.#stirred.splice(0)) done();
  }

  async #send(key: string, pending: Pending, attempt: number): Promise<void> {
    pending.busy = true;
    this.#busy++;
    while (pending.items.size > 0) {
      const words = fitting(pending.items, ([, item]) => item.length);
      const batch = words.map(([, item]) => item);
      const { since, dormantWithout } = pending;
      const before = { at: platformPorts.now(), told: batch.length, changes: this.#changes, endings: this.#endings };
      for (const [word] of words) pending.items.delete(word);
      pending.hurried = pending.items.size > 0;
      try {
        if (dormantWithout === undefined || (await this.#reach.isWritten(dormantWithout))) await this.#reach.deliver(pending.family, pending.actor, batch);
        if (pending.items.size === 0) pending.since = this.#last + 1;
      } catch {
        // In front of what came up since: items may say how something is, and the last one counts.
        pending.items = new Map([...words, ...pending.items]);
        pending.since = since;
        pending.patient = false;
        pending.dormantWithout = undefined;
        pending.failedIn = attempt;
        break;
      }
      await this.#rest(pending, before);
    }
    pending.busy = false;
    this.#busy--;
    if (pending.items.size === 0) this.#pending.delete(key);
    else this.#due.add(key);
    this.#stir();
  }
  /** Counts as being told: what comes up meanwhile is gathered, unless somebody waits for it. `before`: how it was when he was told. */
  async #rest(pending: Pending, before: { readonly at: number; readonly told: number; readonly changes: number; readonly endings: number }): Promise<void> {
    const { gathers } = pending;
    if (this.#endings - before.endings >= ENDINGS_MANY) {
      if (pending.hurried) return;
      const ms = Math.min((platformPorts.now() - before.at) * REST_TIMES, REST_MS_MAX);
      pending.rest = { ...this.#rests.begin(ms, { untilQuiet: false }), endsWith: "hurried" };
      await pending.rest.over;
    } else if (gathers && before.told <= gathers.few && pending.items.size < gathers.enough && this.#changes - before.changes - before.told >= CHANGES_MANY) {
      await this.#gather(pending, gathers.ms);
    }
    pending.rest = undefined;
  }
  /** Until enough came up, it is quiet, or he has rested long enough for how much changes. */
  async #gather(pending: Pending, ms: number): Promise<void> {
    for (let rests = 0; rests < FLOOD_RESTS_MAX; rests++) {
      const before = this.#changes;
      pending.rest = { ...this.#rests.begin(ms, { untilQuiet: true }), endsWith: "enough" };
      if (!(await pending.rest.over) || this.#changes - before < ms * FLOOD_PER_MS) return;
    }
  }
}
