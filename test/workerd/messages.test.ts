// Messages between actors in the real runtime, which refuses those of more than 32 MiB: more than that is written and asked for.
import { afterAll, expect, test } from "vitest";
import { Stores } from "../../durable-objects/client/stores.ts";
import type { ClusterRef } from "../../durable-objects/env.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { configMapKind } from "../../shared/kinds/core/configmap.ts";
import { api, CONFIG_MAPS, env } from "./harness.ts";

const ROOT: ClusterRef = { uid: "root", name: "default", nodes: 3, timing: "instant", birth: { at: 0, seed: "root" } };
const COUNT = 36;
const names = Array.from({ length: COUNT }, (_, index) => `large-${String(index).padStart(2, "0")}`);
const unused = (): never => {
  throw new Error("the store exists");
};
const stores = (): Stores =>
  new Stores(env, ROOT, { newborns: { of: unused, resources: [] }, known: { existing: new Set(["/configmaps"]), written: new Set() } });

afterAll(() => api("DELETE", `${CONFIG_MAPS}?labelSelector=size%3Dlarge`));

test("36 MiB of objects go to a store and come back", async () => {
  const requests = names.map((name) => ({
    verb: "create" as const,
    group: "",
    version: "v1",
    namespace: "default",
    name,
    text: JSON.stringify({ metadata: { name, namespace: "default", labels: { size: "large" } }, data: { key: "x".repeat(1024 * 1024) } }),
    user: { username: "test", groups: [] },
    options: { fieldManager: "test" },
  }));
  const results = await stores().write("/configmaps", requests);
  expect(results.map((result) => result.ok && result.code)).toEqual(names.map(() => 201));
  const [found = []] = await stores().query<KubeObject>("/configmaps", [{ view: "text", labels: { size: "large" } }]);
  expect(found.map(({ metadata }) => metadata?.name)).toEqual(names);
  const texts = await stores().read(
    configMapKind,
    names.map((name) => ({ namespace: "default", name })),
  );
  expect(texts.every((text) => text !== undefined && text.length > 1024 * 1024)).toBe(true);
});
