// Who must hear of a store's changes, and how far they have: at least once, in batches, one call at a time to each.
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import type { ResourceId } from "../../shared/reconcile/controller.ts";
import { BATCH_MAX } from "../../shared/base/limits.ts";
import { parsedNext, parsedOld, type StoreEvent } from "./history.ts";

/** Sorts of actors that can be told something. */
export type Family = "controller" | "scheduler" | "node" | "cluster";
export interface Change {
  readonly resource: ResourceId;
  readonly resourceVersion: number;
  /** Undefined for a deletion. */
  readonly next: KubeObject | undefined;
  /** Undefined for a creation. For a deletion: the last state. */
  readonly old: KubeObject | undefined;
}
/** What somebody wants to hear; a brick, handed to the store by the composition root. */
export interface Subscription {
  readonly family: Family;
  /** `*`: of every resource. */
  readonly resource: ResourceId;
  /** Whom to tell what. `item` is short text or JSON; equal items for one actor are told once in a batch. Pure and cheap. */
  items(change: Change): readonly { readonly actor: string; readonly item: string }[];
}
/** Tells an actor; resolves when the actor has done what follows from the items, or has written down that it is to be done. */
export type Deliver = (family: Family, actor: string, items: readonly string[]) => Promise<void>;

interface Pending {
  readonly family: Family;
  readonly actor: string;
  items: Set<string>;
  /** Lowest version that an undelivered item comes from. */
  since: number;
  busy: boolean;
  /** In which flush it failed last: it is not tried twice in one. */
  failedIn: number;
}

export class Outbox {
  readonly #resource: ResourceId;
  readonly #subscriptions: readonly Subscription[];
  readonly #deliver: Deliver;
  readonly #pending = new Map<string, Pending>();
  #last = 0;
  #flushes = 0;
  #stirred: (() => void)[] = [];

  constructor(kind: AnyKind, subscriptions: readonly Subscription[], deliver: Deliver) {
    this.#resource = `${kind.group}/${kind.resource}`;
    this.#subscriptions = subscriptions.filter(({ resource }) => resource === "*" || resource === this.#resource);
    this.#deliver = deliver;
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
      };
      for (const subscription of this.#subscriptions) {
        for (const { actor, item } of subscription.items(change)) this.#put(subscription.family, actor, item, event.resourceVersion);
      }
      event.next = undefined;
      event.old = undefined;
    }
    this.#stir();
  }

  #put(family: Family, actor: string, item: string, version: number): void {
    const key = `${family}:${actor}`;
    let pending = this.#pending.get(key);
    if (!pending) {
      pending = { family, actor, items: new Set(), since: version, busy: false, failedIn: 0 };
      this.#pending.set(key, pending);
    }
    if (pending.items.size === 0 && !pending.busy) pending.since = version;
    pending.items.add(item);
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

  /**
   * Sends what waits and what comes meanwhile, one call at a time to each actor. Resolves when nothing is under way any more;
   * what failed waits for the next flush.
   */
  async flush(): Promise<void> {
    const flush = ++this.#flushes;
    for (;;) {
      const next = this.stirred();
      let busy = false;
      for (const [key, pending] of this.#pending) {
        if (!pending.busy && pending.failedIn !== flush) void this.#send(key, pending, flush);
        busy ||= pending.busy;
      }
      if (!busy) return;
      await next;
    }
  }
  /** Resolves when something came, or a call ended. */
  stirred(): Promise<void> {
    return new Promise((done) => this.#stirred.push(done));
  }
  #stir(): void {
    for (const done of this.#stirred.splice(0)) done();
  }

  async #send(key: string, pending: Pending, flush: number): Promise<void> {
    pending.busy = true;
    while (pending.items.size > 0) {
      const batch = [...pending.items].slice(0, BATCH_MAX);
      const since = pending.since;
      for (const item of batch) pending.items.delete(item);
      try {
        await this.#deliver(pending.family, pending.actor, batch);
        if (pending.items.size === 0) pending.since = this.#last + 1;
      } catch {
        // In front of what came up since: items may say how something is, and the last one counts.
        pending.items = new Set([...batch, ...pending.items]);
        pending.since = since;
        pending.failedIn = flush;
        break;
      }
    }
    pending.busy = false;
    if (pending.items.size === 0) this.#pending.delete(key);
    this.#stir();
  }
}
