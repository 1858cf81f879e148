// What a watch promises as a stream: how it begins, how it ends, and what it costs when nobody reads it.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { WatchRequest } from "../../durable-objects/store/watch-opening.ts";
import { streamWatch } from "../../durable-objects/store/watch-stream.ts";
import { WATCH_BUFFER_BYTES_MAX } from "../../shared/base/limits.ts";
import { configMapKind } from "../../shared/kinds/core/configmap.ts";
import { forget } from "./_changes.ts";
import { configMap, type Frame, MEDIA, TestStore } from "./_store.ts";

const TIMEOUT_MS = 600_000;
const FULL = "x".repeat(10_000);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const linesOf = (text: string): string[] => text.trimEnd().split("\n");
interface Reading {
  /** Events of the next piece; undefined: the stream has ended. */
  next(): Promise<readonly Frame[] | undefined>;
  cancel(): Promise<void>;
}
function open(s: TestStore, request: Partial<WatchRequest> = {}, timeoutMs = TIMEOUT_MS): Reading {
  const watch: WatchRequest = { group: "", version: "v1", as: "object", includeObject: "Metadata", metaVersion: "v1", ...request };
  const begun = s.hub.begin(watch);
  if (!begun.ok) throw new Error(begun.error.message);
  const reader = streamWatch(s.hub, { watch, opening: begun.value, timeoutMs }).body?.getReader();
  if (!reader) throw new Error("no stream");
  const decoder = new TextDecoder();
  return {
    async next() {
      const { value } = await reader.read();
      return value && linesOf(decoder.decode(value as Uint8Array)).map((line) => JSON.parse(line) as Frame);
    },
    cancel: () => reader.cancel(),
  };
}
const titles = (frames: readonly Frame[] | undefined): string[] => (frames ?? []).map(({ type, object }) => `${type} ${object.metadata?.name ?? ""}`.trim());

describe.each(MEDIA)("a watch as a stream over $name", (medium) => {
  const store = (): TestStore => new TestStore(medium, [configMapKind]);
  const filled = (count: number): TestStore => {
    const s = store();
    for (let n = 0; n < count; n++) s.create(configMap(`c${String(n).padStart(4, "0")}`, { k: FULL }));
    return s;
  };

  it("[W18] a long beginning is made as it is read; what is written meanwhile follows it, once", async () => {
    const s = filled(1200);
    const scan = vi.spyOn(s.engine.table, "scan");
    const reading = open(s, { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan", allowWatchBookmarks: true });
    const heard = titles(await reading.next());
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.length).toBeLessThan(100);
    const scans = scan.mock.calls.length;
    expect(scans).toBeLessThan(3);
    s.patch("c0000", { data: { k: "1" } });
    s.patch("c1199", { data: { k: "1" } });
    s.delete("c1198");
    s.create(configMap("d"));
    while (heard.at(-1) !== "ADDED d") heard.push(...titles(await reading.next()));
    s.create(configMap("e"));
    heard.push(...titles(await reading.next()));
    const listed = Array.from({ length: 1200 }, (_, n) => `ADDED c${String(n).padStart(4, "0")}`);
    expect(heard).toEqual([...listed, "BOOKMARK", "MODIFIED c0000", "MODIFIED c1199", "DELETED c1198", "ADDED d", "ADDED e"]);
    expect(scan.mock.calls.length).toBeGreaterThan(scans);
    const waiting = reading.next();
    await Promise.resolve();
    expect(s.hub.count).toBe(1);
    s.create(configMap("f"));
    expect(titles(await waiting)).toEqual(["ADDED f"]);
    const again = reading.next();
    s.create(configMap("g"));
    expect(titles(await again)).toEqual(["ADDED g"]);
    expect(s.hub.count).toBe(1);
  });

  it("[W19] a beginning that is read so slowly that the store forgets it ends with 410", async () => {
    const s = filled(600);
    const reading = open(s, { resourceVersion: "0" });
    await reading.next();
    forget(s);
    let last: Frame | undefined;
    for (let frames = await reading.next(); frames; frames = await reading.next()) last = frames.at(-1) ?? last;
    expect(last).toMatchObject({ type: "ERROR", object: { code: 410, reason: "Expired" } });
    expect(s.hub.count).toBe(0);
  });

  it("[W20] a watch ends when its time is up, after a last bookmark if it asked for them; one that is left is forgotten", async () => {
    const s = store();
    const reading = open(s, { resourceVersion: String(s.last), allowWatchBookmarks: true }, 10_000);
    const silent = open(s, { resourceVersion: String(s.last) }, 10_000);
    const left = open(s, { resourceVersion: String(s.last) });
    await left.cancel();
    expect(s.hub.count).toBe(2);
    s.create(configMap("a"));
    vi.advanceTimersByTime(9_999);
    expect(titles(await reading.next())).toEqual(["ADDED a"]);
    const bookmark = await reading.next();
    expect(bookmark).toMatchObject([{ type: "BOOKMARK", object: { metadata: { resourceVersion: String(s.last) } } }]);
    expect(titles(await silent.next())).toEqual(["ADDED a"]);
    expect(s.hub.count).toBe(2);
    vi.advanceTimersByTime(1);
    expect([await reading.next(), await silent.next(), s.hub.count]).toEqual([undefined, undefined, 0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("[W21] who does not read is closed when so much waits for it, alone, and what waited is let go", async () => {
    const s = store();
    const slow = Array.from({ length: 40 }, (_, n) => open(s, { resourceVersion: String(s.last), ...(n % 2 === 0 ? {} : { labelSelector: `l!=${n}` }) }));
    const quick = open(s, { resourceVersion: String(s.last) });
    const large = "x".repeat(1_000_000);
    const most = Math.floor(WATCH_BUFFER_BYTES_MAX / large.length) + 1;
    let heard = 0;
    for (let n = 0; n < most + 3; n++) {
      s.create(configMap(`c${n}`, { k: large }));
      vi.advanceTimersByTime(10);
      heard += (await quick.next())?.length ?? 0;
      expect(s.hub.count).toBe(n < most ? 41 : 1);
    }
    expect(heard).toBe(most + 3);
    for (const one of slow) await expect(one.next()).rejects.toThrow("too slow");
  });
});
