// What a node keeps: a row for each pod, lines that containers wrote because somebody came by, and a few facts.
import { CONTAINER_LOG_BYTES_MAX } from "../../shared/base/limits.ts";
import type { Pod } from "../../shared/kinds/_generated/types.ts";
import type { LogLine } from "../../shared/sim/image.ts";
import type { NodeState, PodEntry, PodRecord } from "../../shared/sim/node.ts";

/** A change that was told and is not yet lived through. */
export type Notice = { readonly pod: Pod } | { readonly gone: string };

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS pods (uid TEXT PRIMARY KEY, pod TEXT, record TEXT, news TEXT) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS lines (container TEXT NOT NULL, seq INTEGER NOT NULL, at REAL NOT NULL, stream TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (container, seq)) WITHOUT ROWID`,
];
const GONE = "gone";
/** Lines kept of one container; with lines of ordinary length that is its share of bytes. */
const LINES_MAX = Math.floor(CONTAINER_LOG_BYTES_MAX / 256);
type PodRow = { uid: string; pod: string | null; record: string | null; news: string | null };
type LineRow = { at: number; stream: string; text: string };

const versionOf = (pod: Pod): number => Number(pod.metadata?.resourceVersion ?? "0");

export class NodeStorage {
  readonly #storage: DurableObjectStorage;
  readonly #appended: (container: string, lines: readonly LogLine[]) => void;
  readonly #lengths = new Map<string, number>();

  /** `appended` is told of lines right after they were stored. */
  constructor(storage: DurableObjectStorage, appended: (container: string, lines: readonly LogLine[]) => void) {
    this.#storage = storage;
    this.#appended = appended;
    for (const statement of SCHEMA) storage.sql.exec(statement);
  }

  /** Writes down what was told and returns what of it is news: a word that was overtaken by a later one is none. */
  note(notices: readonly Notice[]): Notice[] {
    return notices.filter((notice) => {
      const isNews = this.#isNews(notice);
      if (isNews) this.#write(notice);
      return isNews;
    });
  }
  #isNews(notice: Notice): boolean {
    if ("gone" in notice) return true;
    const told = versionOf(notice.pod);
    for (const row of this.#storage.sql.exec<PodRow>(`SELECT uid, pod, record, news FROM pods WHERE uid = ?`, notice.pod.metadata?.uid ?? "")) {
      if (row.news === GONE) return false;
      const known = row.news ?? row.pod;
      if (known !== null && versionOf(JSON.parse(known) as Pod) > told) return false;
    }
    return true;
  }
  #write(notice: Notice): void {
    if ("gone" in notice) this.#storage.sql.exec(`UPDATE pods SET news = ? WHERE uid = ?`, GONE, notice.gone);
    else {
      const text = JSON.stringify(notice.pod);
      this.#storage.sql.exec(
        `INSERT INTO pods (uid, news) VALUES (?, ?) ON CONFLICT (uid) DO UPDATE SET news = excluded.news`,
        notice.pod.metadata?.uid ?? "",
        text,
      );
    }
  }
  load(): { readonly state: NodeState; readonly changed: Pod[]; readonly gone: string[] } {
    const pods = new Map<string, PodEntry>();
    const changed: Pod[] = [];
    const gone: string[] = [];
    for (const row of this.#storage.sql.exec<PodRow>(`SELECT uid, pod, record, news FROM pods`)) {
      if (row.pod !== null && row.record !== null) pods.set(row.uid, { pod: JSON.parse(row.pod) as Pod, record: JSON.parse(row.record) as PodRecord });
      if (row.news === GONE) gone.push(row.uid);
      else if (row.news !== null) changed.push(JSON.parse(row.news) as Pod);
    }
    return { state: { pods, images: new Set(this.#storage.kv.get<string[]>("images") ?? []) }, changed, gone };
  }

  /** Keeps a step in one transaction; `lived` are the uids whose news it has taken in. */
  keep(state: NodeState, before: NodeState, touched: readonly string[], lived: ReadonlySet<string>, owes: { readonly effects: boolean }): void {
    this.#storage.transactionSync(() => {
      for (const uid of touched) {
        const entry = state.pods.get(uid);
        if (!entry) this.#storage.sql.exec(`DELETE FROM pods WHERE uid = ?`, uid);
        else if (before.pods.get(uid)?.pod === entry.pod) this.#storage.sql.exec(`UPDATE pods SET record = ? WHERE uid = ?`, JSON.stringify(entry.record), uid);
        else
          this.#storage.sql.exec(
            `UPDATE pods SET pod = ?, record = ?, news = CASE WHEN ? THEN NULL ELSE news END WHERE uid = ?`,
            JSON.stringify(entry.pod),
            JSON.stringify(entry.record),
            lived.has(uid) ? 1 : 0,
            uid,
          );
      }
      for (const uid of lived) if (!state.pods.has(uid)) this.#storage.sql.exec(`DELETE FROM pods WHERE uid = ?`, uid);
      if (state.images.size !== before.images.size) this.#storage.kv.put("images", [...state.images]);
      if (owes.effects) this.#storage.kv.put("owes", true);
    });
  }
  get owes(): boolean {
    return this.#storage.kv.get<boolean>("owes") === true;
  }
  settled(): void {
    this.#storage.kv.delete("owes");
  }

  appendLines(container: string, lines: readonly LogLine[]): void {
    let next = this.#lengths.get(container) ?? this.#nextSeq(container);
    for (const { at, stream, text } of lines) this.#storage.sql.exec(`INSERT INTO lines VALUES (?, ?, ?, ?, ?)`, container, next++, at, stream, text);
    this.#lengths.set(container, next);
    if (next > LINES_MAX && next % 64 < lines.length) this.#storage.sql.exec(`DELETE FROM lines WHERE container = ? AND seq < ?`, container, next - LINES_MAX);
    this.#appended(container, lines);
  }
  #nextSeq(container: string): number {
    for (const row of this.#storage.sql.exec<{ next: number }>(`SELECT COALESCE(MAX(seq) + 1, 0) AS next FROM lines WHERE container = ?`, container))
      return row.next;
    return 0;
  }
  lines(container: string, from: number, until: number): LogLine[] {
    const rows = this.#storage.sql.exec<LineRow>(
      `SELECT at, stream, text FROM lines WHERE container = ? AND at >= ? AND at < ? ORDER BY seq`,
      container,
      from,
      until,
    );
    return [...rows].map(({ at, stream, text }) => ({ at, stream: stream === "stderr" ? "stderr" : "stdout", text }));
  }
  dropLines(containers: Iterable<string>): void {
    for (const container of containers) {
      this.#lengths.delete(container);
      this.#storage.sql.exec(`DELETE FROM lines WHERE container = ?`, container);
    }
  }
}
