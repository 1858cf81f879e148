// What a controller has yet to look at: keys with due times and back-off. Plain data that survives as one JSON row.

/** As upstream's default rate limiter: 5 ms doubling to 1000 s (client-go util/workqueue). */
const BACKOFF_BASE_MS = 5;
const BACKOFF_MAX_MS = 1_000_000;

const backoff = (failures: number): number => Math.min(BACKOFF_BASE_MS * 2 ** failures, BACKOFF_MAX_MS);

interface Entry {
  due: number;
  failures: number;
}
export interface QueueState {
  readonly hints: readonly string[];
  readonly keys: readonly (readonly [key: string, due: number, failures: number])[];
}

export class WorkQueue {
  readonly #hints: Set<string>;
  readonly #keys: Map<string, Entry>;
  /** Taken and not yet done: they are part of the state, or a crash in the middle would lose them. */
  #expanding: readonly string[] = [];
  /** Hints that could not be expanded wait until then, longer each time. */
  #hintsDue = 0;
  #hintFailures = 0;
  readonly #inFlight = new Map<string, number>();

  constructor(state: QueueState = { hints: [], keys: [] }) {
    this.#hints = new Set(state.hints);
    this.#keys = new Map(state.keys.map(([key, due, failures]) => [key, { due, failures }]));
  }

  state(): QueueState {
    const waiting = [...this.#keys].map(([key, { due, failures }]) => [key, due, failures] as const);
    const taken = [...this.#inFlight].filter(([key]) => !this.#keys.has(key)).map(([key, failures]) => [key, 0, failures] as const);
    return { hints: [...new Set([...this.#expanding, ...this.#hints])], keys: [...waiting, ...taken] };
  }

  /** Something may have to be done; what it means for which root is found out later. */
  hint(items: readonly string[]): void {
    for (const item of items) this.#hints.add(item);
    this.#hintsDue = 0;
  }
  /** Takes what is to be expanded now; `expanded` or `putBack` must follow. */
  takeHints(now: number): string[] {
    if (this.#hintsDue > now) return [];
    const hints = [...this.#hints];
    this.#hints.clear();
    this.#expanding = hints;
    return hints;
  }
  /** The hints taken last have become keys. */
  expanded(): void {
    this.#expanding = [];
    this.#hintFailures = 0;
  }
  /** The hints taken last could not be expanded: they come again. */
  putBack(now: number): void {
    if (this.#expanding.length === 0) return;
    for (const item of this.#expanding) this.#hints.add(item);
    this.#expanding = [];
    this.#hintsDue = now + backoff(this.#hintFailures++);
  }

  /** To be looked at when `due` comes, or earlier if it already was. */
  add(key: string, due: number): void {
    const known = this.#keys.get(key);
    if (known) known.due = Math.min(known.due, due);
    else this.#keys.set(key, { due, failures: 0 });
  }
  /** Takes up to `max` keys whose time has come; `done` must follow for each. */
  takeDue(now: number, max: number): { readonly key: string; readonly failures: number }[] {
    const due: { key: string; failures: number }[] = [];
    for (const [key, entry] of this.#keys) {
      if (due.length === max) break;
      if (entry.due > now) continue;
      due.push({ key, failures: entry.failures });
      this.#keys.delete(key);
      this.#inFlight.set(key, entry.failures);
    }
    return due;
  }
  /** A taken key has been dealt with (or put back by `failed` or `add`). */
  done(key: string): void {
    this.#inFlight.delete(key);
  }
  /** Back it goes, later each time. */
  failed(key: string, failures: number, now: number): void {
    const due = now + backoff(failures);
    const known = this.#keys.get(key);
    this.#keys.set(key, { due: Math.min(known?.due ?? due, due), failures: failures + 1 });
  }

  /** When there is next something to do; undefined: never, unless told. */
  nextDue(now: number): number | undefined {
    let next = this.#hints.size > 0 ? Math.max(now, this.#hintsDue) : undefined;
    for (const { due } of this.#keys.values()) if (next === undefined || due < next) next = due;
    return next;
  }
}
