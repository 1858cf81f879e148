// Strategic merge patch merges lists by key, keeps their order and obeys directives, as recorded on a real server.
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../shared/base/json.ts";
import { cloneJson } from "../../../shared/base/json.ts";
import { applyStrategicMergePatch } from "../../../shared/patch/strategic-merge-patch.ts";

const pod = (): JsonObject => ({
  metadata: { labels: { a: "b", c: "d" }, finalizers: ["x.example/a", "x.example/b"] },
  spec: {
    volumes: [
      { name: "v", emptyDir: {} },
      { name: "w", configMap: { name: "m" } },
    ],
    containers: [
      {
        name: "one",
        image: "i:1",
        args: ["a", "b"],
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
        ports: [{ containerPort: 80, name: "http" }, { containerPort: 81 }],
      },
      { name: "two", image: "j:1" },
    ],
  },
});
const patched = (patch: Json): JsonObject => {
  const result = applyStrategicMergePatch(pod(), patch, "core.v1.Pod");
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const spec = (patch: JsonObject): JsonObject => patched({ spec: patch }).spec as JsonObject;
const names = (list: Json | undefined): unknown[] => (list as JsonObject[]).map((one) => one.name);
const refusal = (patch: Json): unknown => {
  const result = applyStrategicMergePatch(pod(), patch, "core.v1.Pod");
  return result.ok ? "accepted" : { code: result.error.code, reason: result.error.reason, message: result.error.message };
};

describe("lists with a merge key", () => {
  it("change what they name, put what is new first, keep the rest in its order", () => {
    const { containers } = spec({
      containers: [
        { name: "two", image: "j:2" },
        { name: "three", image: "k" },
      ],
    });
    expect(names(containers)).toEqual(["one", "two", "three"]);
    expect((containers as JsonObject[])[1]).toEqual({ name: "two", image: "j:2" });
    expect(names(spec({ volumes: [{ name: "u", emptyDir: {} }] }).volumes)).toEqual(["u", "v", "w"]);
  });
  it("merge inside an element; plain lists are replaced", () => {
    const { containers } = spec({
      containers: [
        {
          name: "one",
          env: [
            { name: "B", value: "x" },
            { name: "C", value: "y" },
          ],
          args: ["z"],
        },
      ],
    });
    const one = (containers as JsonObject[])[0];
    expect(one?.env).toEqual([
      { name: "A", value: "1" },
      { name: "B", value: "x" },
      { name: "C", value: "y" },
    ]);
    expect(one?.args).toEqual(["z"]);
  });
  it("delete an element, also one that is not there", () => {
    expect(names(spec({ containers: [{ name: "two", $patch: "delete" }] }).containers)).toEqual(["one"]);
    expect(names(spec({ containers: [{ name: "gone", $patch: "delete" }] }).containers)).toEqual(["one", "two"]);
  });
  it("are replaced as a whole", () => {
    expect(spec({ volumes: [{ $patch: "replace" }, { name: "z", emptyDir: {} }] }).volumes).toEqual([{ name: "z", emptyDir: {} }]);
  });
  it("stand in the order that $setElementOrder says", () => {
    const order = { "$setElementOrder/containers": [{ name: "two" }, { name: "one" }], containers: [{ name: "one", image: "i:2" }] };
    expect(names(spec(order).containers)).toEqual(["two", "one"]);
    const added = { "$setElementOrder/containers": [{ name: "new" }, { name: "two" }, { name: "one" }], containers: [{ name: "new", image: "n" }] };
    expect(names(spec(added).containers)).toEqual(["new", "two", "one"]);
  });
});

describe("maps and scalars", () => {
  it("null removes, $patch: replace starts anew, $patch: delete empties", () => {
    const labels = (patch: JsonObject): unknown => (patched({ metadata: { labels: patch } }).metadata as JsonObject).labels;
    expect(labels({ a: null, e: "f" })).toEqual({ c: "d", e: "f" });
    expect(labels({ $patch: "replace", z: "9" })).toEqual({ z: "9" });
    expect(labels({ $patch: "delete" })).toEqual({});
  });
  it("$retainKeys drops all that it does not name", () => {
    const { volumes } = spec({ volumes: [{ name: "w", $retainKeys: ["name", "secret"], secret: { secretName: "s" } }] });
    expect((volumes as JsonObject[])[1]).toEqual({ name: "w", secret: { secretName: "s" } });
  });
  it("lists of scalars that merge are sets, and lose what $deleteFromPrimitiveList names", () => {
    const finalizers = (patch: JsonObject): unknown => (patched({ metadata: patch }).metadata as JsonObject).finalizers;
    expect(finalizers({ finalizers: ["x.example/c"] })).toEqual(["x.example/c", "x.example/a", "x.example/b"]);
    expect(finalizers({ "$deleteFromPrimitiveList/finalizers": ["x.example/a"] })).toEqual(["x.example/b"]);
  });
});

describe("refusals", () => {
  it.each([
    [{ spec: { containers: [{ image: "noname" }] } }, 500, "map: map[image:noname] does not contain declared merge key: name"],
    [{ spec: { containers: [{ name: "one", $patch: "explode" }] } }, 500, "unknown patch type: explode in map: map[$patch:explode name:one]"],
    [
      { spec: { "$setElementOrder/containers": [{ name: "nobody" }], containers: [{ name: "one", image: "n" }] } },
      500,
      "The order in patch list:\n[map[image:n name:one]]\n doesn't match $setElementOrder list:\n[map[name:nobody]]\n",
    ],
  ])("%j", (patch, code, message) => expect(refusal(patch as Json)).toEqual({ code, reason: undefined, message }));
  it.each([
    [{ metadata: { $retainKeys: "x" } }, "invalid patch format of retainKeys"],
    [{ metadata: { $retainKeys: ["name"], labels: {} } }, "invalid patch format of retainKeys"],
    [{ metadata: { $setElementOrder: [] } }, "invalid patch format of setElementOrder list"],
  ])("%j", (patch, message) => expect(refusal(patch as Json)).toEqual({ code: 400, reason: "BadRequest", message }));
});

it("mutates neither document nor patch, and knows no prototypes", () => {
  const document = pod();
  const patch = JSON.parse(
    '{"metadata":{"__proto__":{"polluted":1},"labels":{"constructor":"x","n":"1"}},"spec":{"containers":[{"name":"one","image":"z"}]}}',
  ) as JsonObject;
  const before = JSON.stringify([document, patch]);
  const result = applyStrategicMergePatch(document, patch, "core.v1.Pod");
  expect(JSON.stringify([document, patch])).toBe(before);
  expect(result.ok && (result.value.metadata as JsonObject).labels).toEqual({ a: "b", c: "d", n: "1" });
  expect(cloneJson({}) as JsonObject).not.toHaveProperty("polluted");
});
