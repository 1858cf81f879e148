// What is counted in the real runtime, which bills by its own count of rows.
import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { meters } from "../../durable-objects/platform/meter.ts";
import { api, CONFIG_MAPS, configMap, eventually, metrics, store } from "./harness.ts";

const LABELS = `{family="store",name="/configmaps"`;
/** Everything but the time at work. */
const counts = async (): Promise<string> => JSON.stringify([...(await metrics())].filter(([series]) => !series.startsWith("paperplane_duration")));
/** Until nobody is at work any more. */
async function quiet(): Promise<void> {
  let before = "";
  await eventually(
    async () => {
      const now = await counts();
      const same = now === before;
      before = now;
      await new Promise((done) => setTimeout(done, same ? 0 : 2500));
      return same;
    },
    (same) => same,
  );
}

test("a create writes one row; a read writes none", { timeout: 60_000 }, async () => {
  await api("POST", CONFIG_MAPS, configMap("first"));
  await quiet();
  const before = await metrics();
  await api("POST", CONFIG_MAPS, configMap("counted"));
  const after = await metrics();
  const rise = (series: string): number => (after.get(series) ?? 0) - (before.get(series) ?? 0);
  expect(rise(`paperplane_rows_written_total${LABELS},table="history"}`)).toBe(1);
  expect(rise(`paperplane_rows_written_total${LABELS},table="pages"}`)).toBe(0);
  // Nobody wants to hear of it, so that there is nothing to be told again.
  expect(rise(`paperplane_rows_written_total${LABELS},table="alarm"}`)).toBe(0);
  expect(rise(`paperplane_requests_total${LABELS}}`)).toBe(1);
  expect(rise(`paperplane_requests_total{family="api",name=""}`)).toBe(1);

  await quiet();
  const written = (all: ReadonlyMap<string, number>) => [...all].filter(([series]) => series.startsWith("paperplane_rows_written"));
  const settled = await metrics();
  await api("GET", `${CONFIG_MAPS}/counted`);
  expect(written(await metrics())).toEqual(written(settled));
  // An actor that is evicted is counted on where it was.
  await evictDurableObject(store("/configmaps"));
  await api("GET", `${CONFIG_MAPS}/counted`);
  expect((await metrics()).get(`paperplane_requests_total${LABELS}}`)).toBe((settled.get(`paperplane_requests_total${LABELS}}`) ?? 0) + 2);
});

test("asking for the metrics changes nothing in them", async () => {
  await quiet();
  const before = await counts();
  expect(before).toContain("paperplane_rows_read_total");
  expect(await counts()).toBe(before);
});

test("the meters of a cluster go with it", { timeout: 30_000 }, async () => {
  const clusters = "/apis/paperplane.dev/v1/clusters";
  const created = await api("POST", clusters, { apiVersion: "paperplane.dev/v1", kind: "Cluster", metadata: { name: "short" }, spec: { nodes: 1 } });
  const { uid } = created.body.metadata;
  expect((await api("POST", "/clusters/short/api/v1/namespaces/default/configmaps", configMap("kept"))).status).toBe(201);
  expect(meters.all(uid).map(({ family }) => family)).toContain("store");
  await api("DELETE", `${clusters}/short`);
  await eventually(
    async () => (await api("GET", `${clusters}/short`)).status,
    (status) => status === 404,
  );
  expect(meters.all(uid)).toEqual([]);
});
