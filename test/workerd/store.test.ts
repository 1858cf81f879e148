// Stores in the real runtime: what they acknowledged survives eviction and abrupt ends; versions never go back.
import { abortAllDurableObjects, evictAllDurableObjects, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { api, CONFIG_MAPS, configMap, store } from "./harness.ts";

test("an object outlives the eviction of its store, byte for byte", async () => {
  const created = await api("POST", CONFIG_MAPS, configMap("evicted", { key: "value" }));
  expect(created.status).toBe(201);
  await evictDurableObject(store("/configmaps"));
  const read = await api("GET", `${CONFIG_MAPS}/evicted`);
  expect(read).toEqual({ status: 200, body: created.body });
});

test("an object outlives the abrupt end of every actor", async () => {
  const created = await api("POST", CONFIG_MAPS, configMap("aborted", { key: "value" }));
  await abortAllDurableObjects();
  expect((await api("GET", `${CONFIG_MAPS}/aborted`)).body).toEqual(created.body);
});

test("resource versions go on where they were, and no name is given twice", async () => {
  const before = await api("POST", CONFIG_MAPS, configMap("counted-1"));
  await evictAllDurableObjects();
  const after = await api("POST", CONFIG_MAPS, configMap("counted-2"));
  expect(Number(after.body.metadata.resourceVersion)).toBeGreaterThan(Number(before.body.metadata.resourceVersion));
  const twice = await api("POST", CONFIG_MAPS, configMap("counted-1"));
  expect([twice.status, twice.body.reason]).toEqual([409, "AlreadyExists"]);
});

test("a stale version is refused after eviction as before", async () => {
  const created = await api("POST", CONFIG_MAPS, configMap("stale"));
  await api("PATCH", `${CONFIG_MAPS}/stale`, { data: { changed: "once" } });
  await evictDurableObject(store("/configmaps"));
  const refused = await api("PUT", `${CONFIG_MAPS}/stale`, { ...created.body, data: { changed: "twice" } });
  expect([refused.status, refused.body.reason]).toEqual([409, "Conflict"]);
  expect((await api("GET", `${CONFIG_MAPS}/stale`)).body.data).toEqual({ changed: "once" });
});

test("concurrent writes of one object: each is applied or refused as a conflict, none is lost", async () => {
  const created = await api("POST", CONFIG_MAPS, configMap("contended"));
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => api("PUT", `${CONFIG_MAPS}/contended`, { ...created.body, data: { writer: String(index) } })),
  );
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, ...Array.from({ length: 19 }, () => 409)]);
  const winner = answers.find(({ status }) => status === 200);
  expect((await api("GET", `${CONFIG_MAPS}/contended`)).body).toEqual(winner?.body);
});

test("failures cross actors as values: status, reason and message are whole", async () => {
  const missing = await api("GET", `${CONFIG_MAPS}/missing`);
  expect([missing.status, missing.body.reason, missing.body.message]).toEqual([404, "NotFound", 'configmaps "missing" not found']);
  const results = await (
    store("/configmaps") as unknown as { write(...words: unknown[]): Promise<readonly { ok: boolean; status?: { code: number; reason: string } }[]> }
  ).write({ uid: "root", name: "default", nodes: 3, timing: "instant", birth: { at: 0, seed: "root" } }, [
    {
      verb: "delete",
      delete: {},
      group: "",
      version: "v1",
      namespace: "default",
      name: "missing",
      user: { username: "test", groups: [] },
      options: { fieldManager: "test" },
    },
    {
      verb: "delete",
      delete: {},
      group: "",
      version: "v1",
      namespace: "default",
      name: "absent",
      user: { username: "test", groups: [] },
      options: { fieldManager: "test" },
    },
  ]);
  expect(results.map(({ ok, status }) => [ok, status?.code, status?.reason])).toEqual([
    [false, 404, "NotFound"],
    [false, 404, "NotFound"],
  ]);
});

test("an object too big for a row is refused with a status, and the store goes on", async () => {
  const refused = await api("POST", CONFIG_MAPS, configMap("big", { key: "x".repeat(3 * 1024 * 1024) }));
  expect(refused.status).toBe(413);
  expect((await api("POST", CONFIG_MAPS, configMap("small"))).status).toBe(201);
});

test("a deleted object is gone after eviction, too", async () => {
  await api("POST", CONFIG_MAPS, configMap("doomed"));
  expect((await api("DELETE", `${CONFIG_MAPS}/doomed`)).status).toBe(200);
  await evictDurableObject(store("/configmaps"));
  expect((await api("GET", `${CONFIG_MAPS}/doomed`)).status).toBe(404);
});

test("an idle store holds no alarm", async () => {
  await api("POST", CONFIG_MAPS, configMap("quiet"));
  await expect
    .poll(() =>
      runInDurableObject(store("/configmaps"), async (instance, state) => {
        const due = await state.storage.getAlarm();
        // What is due is a delivery that is already done: it rings once and sets no other.
        if (due !== null) await (instance as unknown as { alarm(): Promise<void> }).alarm().then(() => state.storage.deleteAlarm());
        return state.storage.getAlarm();
      }),
    )
    .toBeNull();
});
