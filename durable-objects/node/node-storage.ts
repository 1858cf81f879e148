// What a node keeps: records of pods whose status does not say all, lines that containers wrote because somebody came by, and a
// few facts. The pods themselves are in their store, which is asked for them when the node wakes without memory.
import { CONTAINER_LOG_BYTES_MAX } from "../../shared/base/limits.ts";
import type { LogLine } from "../../shared/sim/image.ts";
import type { Kubelet, NodeState, PodEntry, PodRecord } from "../../shared/sim/node.ts";
import type { MeteredStorage } from "../platform/metered-storage.ts";

/** One table, so that a node that comes into being costs little: facts by name, records as `pod/UID`. */
const KEPT = `CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`;
/** Lines that were written together are a row: `seq` numbers the first of them, `first` and `last` are times, `json` is an array of Lines. */
const LOG = `CREATE TABLE IF NOT EXISTS log (container TEXT NOT NULL, seq INTEGER NOT NULL, first REAL NOT NULL, last REAL NOT NULL, json TEXT NOT NULL, PRIMARY KEY (container, seq)) WITHOUT ROWID`;
type Line = readonly [at: LogLine["at"], stream: LogLine["stream"], text: string];
/** A fact: there is a table of lines. Most nodes never need one. */
const HAS_LOG = "log";
const HAS_KEPT = `SELECT name AS key, '' AS value FROM sqlite_master WHERE name = 'kept'`;
const IMAGES = "images";
const POD = "pod/";
/** The first key behind all of pods. */
const POD_END = "pod0";
/** Lines kept of one container; with lines of ordinary length that is its share of bytes. */
const LINES_MAX = Math.floor(CONTAINER_LOG_BYTES_MAX / 256);
type KeptRow = { key: string; value: string };
/** Lines and characters up to which they share a row, which holds 2 MB at most. */
const ROW_LINES_MAX = 256;
const ROW_CHARACTERS_MAX = 200_000;
type LogRow = { seq: number; json: string };

/** Parts that fit into a row each. */
function rowsOf(lines: readonly LogLine[]): Line[][] {
  const rows: Line[][] = [];
  let characters = 0;
  for (const { at, stream, text } of lines) {
    const row = rows.at(-1);
    characters += text.length;
    if (row && row.length < ROW_LINES_MAX && characters <= ROW_CHARACTERS_MAX) row.push([at, stream, text]);
    else {
      rows.push([[at, stream, text]]);
      characters = text.length;
    }
  }
  return rows;
}

/**
 * It has ended, and is on its way out, as was recorded when it was stopped: whoever wakes with that record lives through the same
 * end at the same time. Nobody would read what became of it, but for a moment.
 */
const hasLeft = ({ pod, record }: PodEntry, before: PodEntry | undefined): boolean =>
  record.done && pod.metadata?.deletionTimestamp !== undefined && record.stopping !== undefined && before?.record.stopping === record.stopping;

export class NodeStorage {
  readonly #storage: MeteredStorage;
  readonly #appended: (container: string, lines: readonly LogLine[]) => void;
  readonly #lengths = new Map<string, number>();
  /** Pods that have a record here. */
  readonly #recorded = new Set<string>();
  /** Images as they are kept. */
  #images = "[]";
  #hasLines: boolean | undefined;
  #exists: boolean;

  /** `appended` is told of lines right after they were stored. */
  constructor(storage: MeteredStorage, appended: (container: string, lines: readonly LogLine[]) => void) {
    this.#storage = storage;
    this.#appended = appended;
    this.#exists = [...storage.sql.exec<KeptRow>(HAS_KEPT)].length > 0;
  }

  fact<T>(key: string): T | undefined {
    if (!this.#exists) return undefined;
    for (const row of this.#storage.sql.exec<KeptRow>(`SELECT value FROM kept WHERE key = ?`, key)) return JSON.parse(row.value) as T;
    return undefined;
  }
  setFact(key: string, value: unknown): void {
    if (!this.#exists) this.#storage.sql.exec(KEPT);
    this.#exists = true;
    this.#storage.sql.exec(`INSERT INTO kept VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, JSON.stringify(value));
  }

  /** Records of pods by uid, and images that are on the node though no container is made of them. */
  load(): { readonly records: ReadonlyMap<string, PodRecord>; readonly images: ReadonlySet<string> } {
    const records = new Map<string, PodRecord>();
    if (!this.#exists) return { records, images: new Set() };
    for (const { key, value } of this.#storage.sql.exec<KeptRow>(`SELECT key, value FROM kept WHERE key >= ? AND key < ?`, POD, POD_END))
      records.set(key.slice(POD.length), JSON.parse(value) as PodRecord);
    for (const uid of records.keys()) this.#recorded.add(uid);
    const images = this.fact<string[]>(IMAGES) ?? [];
    this.#images = JSON.stringify(images);
    return { records, images: new Set(images) };
  }

  /** Keeps what a step changed, as far as the store of pods does not say it, in one transaction. */
  keep(state: NodeState, before: NodeState, touched: readonly string[], kubelet: Pick<Kubelet, "isTold" | "imagesOf">): void {
    const writes: (() => void)[] = [];
    for (const uid of touched) {
      const entry = state.pods.get(uid);
      const recorded = this.#recorded.has(uid);
      if (entry && !recorded && kubelet.isTold(entry)) continue;
      if (entry && recorded && hasLeft(entry, before.pods.get(uid))) continue;
      if (entry && JSON.stringify(before.pods.get(uid)?.record) !== JSON.stringify(entry.record)) writes.push(() => this.#record(uid, entry.record));
      else if (!entry && recorded) writes.push(() => this.#forget(uid));
    }
    if (state.images.size !== before.images.size || touched.some((uid) => !state.pods.has(uid))) {
      const shown = kubelet.imagesOf(state.pods.values());
      const images = [...state.images].filter((image) => !shown.has(image));
      if (JSON.stringify(images) !== this.#images) writes.push(() => this.setFact(IMAGES, images));
      this.#images = JSON.stringify(images);
    }
    if (writes.length > 0) this.#storage.transactionSync(() => writes.forEach((write) => write()));
  }
  #record(uid: string, record: PodRecord): void {
    this.#recorded.add(uid);
    this.setFact(POD + uid, record);
  }
  #forget(uid: string): void {
    this.#recorded.delete(uid);
    this.#storage.sql.exec(`DELETE FROM kept WHERE key = ?`, POD + uid);
  }

  appendLines(container: string, lines: readonly LogLine[]): void {
    if (lines.length === 0) return;
    if (!this.#linesExist()) {
      this.#storage.sql.exec(LOG);
      this.setFact(HAS_LOG, true);
      this.#hasLines = true;
    }
    let next = this.#lengths.get(container) ?? this.#nextSeq(container);
    for (const row of rowsOf(lines)) {
      const times = row.map(([at]) => at);
      this.#storage.sql.exec(`INSERT INTO log VALUES (?, ?, ?, ?, ?)`, container, next, Math.min(...times), Math.max(...times), JSON.stringify(row));
      next += row.length;
    }
    this.#lengths.set(container, next);
    if (next > LINES_MAX && next % 64 < lines.length) this.#storage.sql.exec(`DELETE FROM log WHERE container = ? AND seq < ?`, container, next - LINES_MAX);
    this.#appended(container, lines);
  }
  #linesExist(): boolean {
    return (this.#hasLines ??= this.fact<boolean>(HAS_LOG) === true);
  }
  #nextSeq(container: string): number {
    for (const { seq, json } of this.#storage.sql.exec<LogRow>(`SELECT seq, json FROM log WHERE container = ? ORDER BY seq DESC LIMIT 1`, container))
      return seq + (JSON.parse(json) as Line[]).length;
    return 0;
  }
  /** Lines from `from` until just before `until`, both in milliseconds since 1970. */
  lines(container: string, from: number, until: number): LogLine[] {
    if (!this.#linesExist()) return [];
    const rows = this.#storage.sql.exec<LogRow>(
      `SELECT seq, json FROM log WHERE container = ? AND last >= ? AND first < ? ORDER BY seq`,
      container,
      from,
      until,
    );
    const lines = [...rows].flatMap(({ json }) => JSON.parse(json) as Line[]);
    return lines.flatMap(([at, stream, text]) => (at >= from && at < until ? [{ at, stream, text }] : []));
  }
  /** Lines of containers that are gone go: their pods went while nobody was looking. */
  keepLinesOf({ pods }: NodeState): void {
    if (!this.#linesExist()) return;
    const lives = [...pods.values()].flatMap(({ record }) => Object.values(record.containers).flatMap(({ id, exit, last }) => [id, exit?.id, last?.id]));
    const known = new Set(lives);
    const kept = this.#storage.sql.exec<{ container: string }>(`SELECT DISTINCT container FROM log`);
    this.dropLines([...kept].map(({ container }) => container).filter((container) => !known.has(container)));
  }
  dropLines(containers: Iterable<string>): void {
    if (!this.#linesExist()) return;
    for (const container of containers) {
      this.#lengths.delete(container);
      this.#storage.sql.exec(`DELETE FROM log WHERE container = ?`, container);
    }
  }
}
