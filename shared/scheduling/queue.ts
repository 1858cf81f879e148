// Pods that wait for a node: active ones in order, those in backoff, those that wait for an event, and gated ones.
// As upstream: pkg/scheduler/backend/queue/scheduling_queue.go. Holds no timer: it tells when it wants to be asked again.
import type { AnyPlugin, ClusterEvent } from "./framework.ts";
import type { PodInfo } from "./pod-info.ts";

export const BACKOFF_MIN_MS = 1_000;
export const BACKOFF_MAX_MS = 10_000;
/** After so long an unschedulable pod is tried again without any event. */
export const FLUSH_AFTER_MS = 5 * 60_000;

type Place = "active" | "inFlight" | "backoff" | "unschedulable" | "gated";
interface Entry {
  pod: PodInfo;
  place: Place;
  /** When it came to its place in the order. */
  since: number;
  attempts: number;
  /** End of its backoff; 0 when it never failed. */
  dueAt: number;
  /** A write failed, so that trying again at once would not help. */
  errored: boolean;
  plugins: readonly string[];
}

export const backoffMs = (attempts: number): number => (attempts <= 0 ? 0 : Math.min(BACKOFF_MIN_MS * 2 ** Math.min(attempts - 1, 10), BACKOFF_MAX_MS));

export class SchedulingQueue {
  readonly #plugins: ReadonlyMap<string, AnyPlugin>;
  readonly #compare: (a: Entry, b: Entry) => number;
  readonly #entries = new Map<string, Entry>();
  readonly #in: Readonly<Record<Place, Set<Entry>>> = {
    active: new Set(),
    inFlight: new Set(),
    backoff: new Set(),
    unschedulable: new Set(),
    gated: new Set(),
  };
  /** The active ones in order; undefined when they must be sorted again. */
  #sorted: Entry[] | undefined;

  constructor(plugins: readonly AnyPlugin[]) {
    this.#plugins = new Map(plugins.map((plugin) => [plugin.name, plugin]));
    const sort = plugins.find((plugin) => plugin.queueSort)?.queueSort;
    this.#compare = sort ?? ((a, b) => a.since - b.since);
  }

  get size(): number {
    return this.#entries.size;
  }
  count(place: Place): number {
    return this.#in[place].size;
  }
  has(uid: string): boolean {
    return this.#entries.has(uid);
  }
  pod(uid: string): PodInfo | undefined {
    return this.#entries.get(uid)?.pod;
  }
  /** How often it found no node. */
  attempts(uid: string): number {
    return this.#entries.get(uid)?.attempts ?? 0;
  }
  *pods(): Generator<PodInfo> {
    for (const { pod } of this.#entries.values()) yield pod;
  }

  /** A pod without a node that is new or has changed. */
  put(pod: PodInfo, options: { readonly gated: boolean }, now: number): void {
    const known = this.#entries.get(pod.uid);
    if (!known) {
      const place = options.gated ? "gated" : "active";
      const entry: Entry = { pod, place, since: now, attempts: 0, dueAt: 0, errored: false, plugins: [] };
      this.#entries.set(pod.uid, entry);
      this.#place(entry, place);
      return;
    }
    const changed = known.pod.shapeText !== pod.shapeText;
    known.pod = pod;
    if (options.gated) this.#place(known, "gated");
    else if (known.place === "gated") this.#activate(known, now);
    else if (known.place === "unschedulable" && changed) this.#activate(known, now);
    else if (known.place === "active") this.#sorted = undefined;
  }

  /** It was bound, deleted, or finished. */
  remove(uid: string): void {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    this.#entries.delete(uid);
    this.#in[entry.place].delete(entry);
    if (entry.place === "active") this.#sorted = undefined;
  }

  /** The next pods to schedule, first the one that goes first. They are in flight until removed, refused or failed. */
  take(max: number, now: number): PodInfo[] {
    this.#flush(now);
    // Nobody waits, so nobody minds those that would wait a little longer (upstream: SchedulerPopFromBackoffQ).
    if (this.#in.active.size === 0) for (const entry of this.#in.backoff) if (!entry.errored) this.#place(entry, "active");
    const sorted: Entry[] = this.#sorted ?? Array.from(this.#in.active).sort(this.#compare);
    const taken = sorted.splice(0, max);
    for (const entry of taken) this.#place(entry, "inFlight");
    this.#sorted = sorted;
    return taken.map((entry) => entry.pod);
  }

  /** No node was found; it waits for an event that one of these plugins cares about (none named: for any). */
  refused(uid: string, plugins: readonly string[], now: number): void {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    this.#setBack(entry, now);
    entry.errored = false;
    entry.plugins = plugins;
    this.#place(entry, "unschedulable");
  }
  /** What its status says from now on, so that the same is not written twice. */
  told(uid: string, status: { readonly refusal: string; readonly nominatedNodeName?: string }): void {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    const nominated = status.nominatedNodeName ?? entry.pod.nominatedNodeName;
    entry.pod = { ...entry.pod, refusal: status.refusal, nominatedNodeName: nominated === "" ? undefined : nominated };
  }
  /** A node was found but writing it failed. */
  failed(uid: string, now: number): void {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    this.#setBack(entry, now);
    entry.errored = true;
    entry.plugins = [];
    this.#place(entry, "backoff");
  }

  /** Lets one pod try again without waiting for an event. */
  activate(uid: string, now: number): void {
    const entry = this.#entries.get(uid);
    if (entry?.place === "unschedulable") this.#activate(entry, now);
  }

  /** Lets pods try again that these events may have made room for. Returns how many. */
  move(events: readonly ClusterEvent[], now: number): number {
    if (events.length === 0 || this.#in.unschedulable.size === 0) return 0;
    const known = new Map<string, boolean>();
    let moved = 0;
    for (const entry of this.#in.unschedulable) {
      if (entry.pod.pinned) {
        if (!this.#helps(entry, events)) continue;
      } else {
        const key = `${entry.plugins.join()} ${entry.pod.shapeText}`;
        let helps = known.get(key);
        if (helps === undefined) known.set(key, (helps = this.#helps(entry, events)));
        if (!helps) continue;
      }
      this.#activate(entry, now);
      moved++;
    }
    return moved;
  }

  /** When the first backoff ends; undefined: nobody is in backoff. Call `take` then. */
  nextBackoffAt(): number | undefined {
    return earliest(this.#in.backoff, (entry) => entry.dueAt);
  }
  /** When the first unschedulable pod is to be tried again without an event. */
  nextFlushAt(): number | undefined {
    return earliest(this.#in.unschedulable, (entry) => entry.since + FLUSH_AFTER_MS);
  }

  #helps(entry: Entry, events: readonly ClusterEvent[]): boolean {
    if (entry.plugins.length === 0) return true;
    return entry.plugins.some((name) => {
      const plugin = this.#plugins.get(name);
      return !plugin?.hint || events.some((event) => plugin.hint?.(event, entry.pod));
    });
  }

  #flush(now: number): void {
    for (const entry of this.#in.backoff) if (entry.dueAt <= now) this.#place(entry, "active");
    for (const entry of this.#in.unschedulable) if (entry.since + FLUSH_AFTER_MS <= now) this.#activate(entry, now);
  }
  #activate(entry: Entry, now: number): void {
    this.#place(entry, entry.dueAt > now ? "backoff" : "active");
  }
  #setBack(entry: Entry, now: number): void {
    entry.attempts++;
    entry.since = now;
    entry.dueAt = now + backoffMs(entry.attempts);
  }
  #place(entry: Entry, place: Place): void {
    if (entry.place === "active" || place === "active") this.#sorted = undefined;
    this.#in[entry.place].delete(entry);
    entry.place = place;
    this.#in[place].add(entry);
  }
}

function earliest(entries: ReadonlySet<Entry>, time: (entry: Entry) => number): number | undefined {
  let first: number | undefined;
  for (const entry of entries) if (first === undefined || time(entry) < first) first = time(entry);
  return first;
}
