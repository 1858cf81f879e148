// Watches over both transports: the same events in the same order, resumed after any end, and 410 when that is not possible.
import { abortAllDurableObjects } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { WATCH_BUFFER_BYTES_MAX } from "../../shared/base/limits.ts";
import { api, CONFIG_MAPS, configMap, watch, type Transport } from "./harness.ts";

const TRANSPORTS: readonly Transport[] = ["stream", "socket"];

describe.each(TRANSPORTS)("over a %s", (transport) => {
  const named = (name: string): string => `${transport}-${name}`;
  const list = (): Promise<string> => api("GET", CONFIG_MAPS).then(({ body }) => body.metadata.resourceVersion);

  test("events come in the order of the writes, once each", async () => {
    const watching = await watch(`${CONFIG_MAPS}?watch=1&resourceVersion=${await list()}`, transport);
    await api("POST", CONFIG_MAPS, configMap(named("ordered")));
    for (let index = 0; index < 5; index++) await api("PATCH", `${CONFIG_MAPS}/${named("ordered")}`, { data: { index: String(index) } });
    await api("DELETE", `${CONFIG_MAPS}/${named("ordered")}`);
    const events = await watching.until(named("ordered"), "DELETED");
    expect(events.map(({ type }) => type)).toEqual(["ADDED", "MODIFIED", "MODIFIED", "MODIFIED", "MODIFIED", "MODIFIED", "DELETED"]);
    const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    await watching.close();
  });

  test("a watch resumes at the version of its last event", async () => {
    const from = await list();
    const first = await api("POST", CONFIG_MAPS, configMap(named("resumed-1")));
    await api("POST", CONFIG_MAPS, configMap(named("resumed-2")));
    const whole = await watch(`${CONFIG_MAPS}?watch=1&resourceVersion=${from}`, transport);
    expect((await whole.until(named("resumed-2"), "ADDED")).map(({ object }) => object.metadata.name)).toEqual([named("resumed-1"), named("resumed-2")]);
    await whole.close();
    await abortAllDurableObjects();
    const rest = await watch(`${CONFIG_MAPS}?watch=1&resourceVersion=${first.body.metadata.resourceVersion}`, transport);
    expect((await rest.until(named("resumed-2"), "ADDED")).map(({ object }) => object.metadata.name)).toEqual([named("resumed-2")]);
    await rest.close();
  });

  test("an object that leaves the selector is DELETED, one that enters it is ADDED", async () => {
    const watching = await watch(`${CONFIG_MAPS}?watch=1&resourceVersion=${await list()}&labelSelector=color%3Dblue`, transport);
    await api("POST", CONFIG_MAPS, configMap(named("labelled")));
    const paint = (color: string) => api("PATCH", `${CONFIG_MAPS}/${named("labelled")}`, { metadata: { labels: { color } } });
    await paint("blue");
    await paint("red");
    const events = await watching.until(named("labelled"), "DELETED");
    expect(events.map(({ type }) => type)).toEqual(["ADDED", "DELETED"]);
    await watching.close();
  });

  test("the first events of a streaming list end with the bookmark that says so", async () => {
    await api("POST", CONFIG_MAPS, configMap(named("initial")));
    const watching = await watch(`${CONFIG_MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`, transport);
    const names: string[] = [];
    for (;;) {
      const event = await watching.next();
      if (event.type === "BOOKMARK") {
        expect(event.object.metadata).toMatchObject({ annotations: { "k8s.io/initial-events-end": "true" } });
        break;
      }
      expect(event.type).toBe("ADDED");
      names.push(event.object.metadata.name);
    }
    expect(names).toContain(named("initial"));
    await watching.close();
  });

  test("a beginning longer than what may wait for a reader arrives whole, and what happens next behind it", async () => {
    const labelled = (name: string) => ({ ...configMap(name), metadata: { name, labels: { long: transport } }, data: { text: "x".repeat(300_000) } });
    const names = Array.from({ length: 20 }, (_, index) => named(`long-${String(index).padStart(2, "0")}`));
    expect(names.length * 300_000).toBeGreaterThan(WATCH_BUFFER_BYTES_MAX);
    for (const name of names) await api("POST", CONFIG_MAPS, labelled(name));
    const watching = await watch(`${CONFIG_MAPS}?watch=1&labelSelector=long%3D${transport}`, transport);
    const first = await watching.next();
    await api("POST", CONFIG_MAPS, labelled(named("long-last")));
    const events = [first, ...(await watching.until(named("long-last"), "ADDED"))];
    expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([...names, named("long-last")].map((name) => `ADDED ${name}`));
    await watching.close();
    for (const name of names) await api("DELETE", `${CONFIG_MAPS}/${name}`);
  });

  test("a version from before all memory is answered with 410", async () => {
    const watching = await watch(`${CONFIG_MAPS}?watch=1&resourceVersion=1`, transport);
    const event = await watching.next();
    expect([event.type, event.object.code]).toEqual(["ERROR", 410]);
    await watching.close();
  });

  test("a hundred watchers of one store hear the same", async () => {
    const from = await list();
    const watchers = await Promise.all(Array.from({ length: 100 }, () => watch(`${CONFIG_MAPS}?watch=1&resourceVersion=${from}`, transport)));
    await api("POST", CONFIG_MAPS, configMap(named("shared")));
    const heard = await Promise.all(watchers.map((one) => one.until(named("shared"), "ADDED")));
    expect(new Set(heard.map((events) => JSON.stringify(events))).size).toBe(1);
    await Promise.all(watchers.map((one) => one.close()));
  });
});
