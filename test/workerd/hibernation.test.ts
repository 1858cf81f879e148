// What the socket transport is for: a store sleeps while it is watched, and wakes to tell what happens.
import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { api, CONFIG_MAPS, configMap, store, watch } from "./harness.ts";

test("a watch over a socket outlives the eviction of its store, and hears on", async () => {
  const { body } = await api("GET", CONFIG_MAPS);
  const watching = await watch(`${CONFIG_MAPS}?watch=1&resourceVersion=${body.metadata.resourceVersion}`, "socket");
  await api("POST", CONFIG_MAPS, configMap("awake"));
  await watching.until("awake", "ADDED");
  await evictDurableObject(store("/configmaps"));
  await api("POST", CONFIG_MAPS, configMap("woken"));
  expect((await watching.until("woken", "ADDED")).map(({ type, object }) => [type, object.metadata.name])).toEqual([["ADDED", "woken"]]);
  await watching.close();
});
