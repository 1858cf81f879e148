// What a large store holds in memory: an isolate has 128 MB, and dies with everything in it when they are full.
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { sqliteTable } from "../../../durable-objects/storage/sqlite-table.ts";
import { StoreEngine } from "../../../durable-objects/store/engine.ts";
import { Outbox } from "../../../durable-objects/store/outbox.ts";
import { Reader } from "../../../durable-objects/store/reader.ts";
import { WatchHub } from "../../../durable-objects/store/watch-hub.ts";
import { write } from "../../../durable-objects/store/write.ts";
import { podKind } from "../../../shared/kinds/core/pod.ts";
import type { WriteRequest } from "../../../shared/verbs/write-request.ts";
import { SUBSCRIPTIONS, VIEWS } from "../../../workers/subscriptions.ts";
import { HAS_SQLITE, sqlStorage } from "../../contract/_store.ts";
import { inStoredForm } from "../_stored-form.ts";

const PODS = 10_000;
const POD_CHARACTERS = 3000;
const HELD_MAX = 100_000_000;
const PART = 250;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
function held(): number {
  collect();
  return getHeapStatistics().used_heap_size;
}

const name = (index: number): string => `web-${String(index).padStart(5, "0")}`;
const pod = (index: number) => ({
  metadata: {
    name: name(index),
    namespace: `team-${index % 20}`,
    labels: { app: `app-${index % 100}`, "pod-template-hash": `h${index % 100}` },
    annotations: { note: "x".repeat(POD_CHARACTERS - 400) },
    ownerReferences: [
      { apiVersion: "apps/v1", kind: "ReplicaSet", name: `app-${index % 100}`, uid: `rs-${index % 100}`, controller: true, blockOwnerDeletion: true },
    ],
  },
  spec: { containers: [{ name: "c", image: "nginx:1.27", resources: { requests: { cpu: "100m", memory: "64Mi" } } }], nodeName: `node-${index % 500}` },
  status: { phase: "Pending" },
});
const common = (index: number) => ({
  group: "",
  version: "v1",
  namespace: `team-${index % 20}`,
  name: name(index),
  user: { username: "test", groups: ["system:masters"] },
  options: { fieldManager: "test" },
});
const creation = (index: number): WriteRequest => ({ ...common(index), verb: "create", text: JSON.stringify(inStoredForm(podKind, pod(index))) });
const report = (index: number, phase: string): WriteRequest => ({
  ...common(index),
  verb: "patch",
  patchType: "strategic",
  subresource: "status",
  text: JSON.stringify({ status: { phase, podIP: `10.0.${index >> 8}.${index & 255}`, conditions: [{ type: "Ready", status: "True" }] } }),
});

/** A store of pods as its actor composes it, over SQLite, which has memory of its own. */
class LargeStore {
  readonly engine: StoreEngine;
  readonly reader: Reader;
  readonly #hub: WatchHub;
  readonly #outbox: Outbox;
  heard = 0;

  constructor() {
    let serial = 0;
    const ports = { now: () => Date.UTC(2026, 0, 1), uid: () => `uid-${serial++}`, dice: () => 0 };
    const table = sqliteTable(sqlStorage());
    this.engine = new StoreEngine({ kinds: [podKind], table, ports, write, bootstrap: () => [] });
    this.engine.bootstrap();
    this.#hub = new WatchHub(this.engine);
    this.reader = new Reader(this.engine, VIEWS);
    this.#outbox = new Outbox(podKind, SUBSCRIPTIONS, { isWritten: () => true, deliver: () => Promise.resolve() });
    const request = { group: "", version: "v1", as: "object", includeObject: "Metadata", metaVersion: "v1" } as const;
    const sink = { keepsAwake: true, send: (bytes: Uint8Array) => ((this.heard += bytes.length), true), close: () => {} };
    for (const selection of [{}, { labelSelector: "app=app-1" }, { namespace: "team-1" }])
      this.#hub.add({ ...request, ...selection }, sink, { version: this.engine.history.last, hasSpoken: true });
  }
  async commit(requests: readonly WriteRequest[]): Promise<void> {
    const { results, events } = this.engine.commit(requests);
    for (const result of results) if (!result.ok) throw new Error(result.status.message);
    this.#hub.take(events)();
    this.reader.views.take(events);
    this.#outbox.add(events);
    await this.#outbox.flush();
  }
  /** Every pod, a part at a time. */
  async each(make: (index: number) => WriteRequest): Promise<void> {
    for (let start = 0; start < PODS; start += PART) await this.commit(Array.from({ length: PART }, (_, index) => make(start + index)));
  }
}

describe.skipIf(!HAS_SQLITE)("a store of 10,000 pods (needs node:sqlite)", () => {
  test("of 3 KB each holds less than 100 MB, whatever is done with it", { timeout: 60_000 }, async () => {
    const before = held();
    const store = new LargeStore();
    const figures: Record<string, number> = {};
    const look = (what: string): void => {
      figures[what] = held() - before;
      expect(figures[what], JSON.stringify(figures)).toBeLessThan(HELD_MAX);
    };
    await store.each(creation);
    expect(store.engine.table.get({ namespace: "team-0", name: name(0) })?.text.length).toBeGreaterThan(POD_CHARACTERS);
    look("created");
    for (const view of ["text", ...Object.keys(VIEWS).filter((one) => VIEWS[one]?.resource === "/pods")]) store.reader.query([{ view }]);
    store.reader.query([{ view: "text", field: { path: "spec.nodeName", value: "node-1" } }]);
    look("asked for every view");
    for (const phase of ["Running", "Succeeded"]) await store.each((index) => report(index, phase));
    look("reported twice");
    store.reader.list({ group: "", version: "v1", limit: 500 });
    for (const view of Object.keys(VIEWS).filter((one) => VIEWS[one]?.resource === "/pods")) store.reader.query([{ view }]);
    look("listed and asked again");
    expect(store.heard).toBeGreaterThan(3 * PODS * POD_CHARACTERS);
    if (process.env["MEMORY_FIGURES"]) console.log(figures);
  });
});
