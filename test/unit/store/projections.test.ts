// What a store remembers of views: never more than its limit, never an old version, and what is asked for now before anything else.
import { expect, test } from "vitest";
import { Projections } from "../../../durable-objects/store/projections.ts";
import { PROJECTIONS_CHARACTERS_MAX } from "../../../shared/base/limits.ts";

const view = () => ({ resource: "/pods", project: () => null });
const LARGE = Math.floor(PROJECTIONS_CHARACTERS_MAX / 100);
const json = (letter: string): string => letter.repeat(LARGE - 1000);
const keys = Array.from({ length: 200 }, (_, index) => `k${index}`);
const remembered = (projections: Projections, one: ReturnType<typeof view>): number => keys.filter((key) => projections.get(one, key, 1) !== undefined).length;

test("a view that is larger than the limit is remembered from its beginning, as far as there is room", () => {
  const [projections, one] = [new Projections(), view()];
  for (let round = 0; round < 3; round++) {
    projections.touch(one);
    for (const key of keys) if (projections.get(one, key, 1) === undefined) projections.put(one, key, { resourceVersion: 1, json: json("x") });
    expect(remembered(projections, one)).toBe(100);
    expect(projections.get(one, "k0", 1)).toBe(json("x"));
  }
});

test("what was asked for longest ago is forgotten first, and as a whole", () => {
  const projections = new Projections();
  const [first, second, third] = [view(), view(), view()];
  const ask = (one: ReturnType<typeof view>, count: number): void => {
    projections.touch(one);
    for (const key of keys.slice(0, count)) projections.put(one, key, { resourceVersion: 1, json: json("x") });
  };
  ask(first, 40);
  ask(second, 40);
  projections.touch(first);
  ask(third, 40);
  expect([first, second, third].map((one) => remembered(projections, one))).toEqual([40, 0, 40]);
});

test("an older version says nothing, and what is gone makes room", () => {
  const [projections, one] = [new Projections(), view()];
  projections.touch(one);
  for (const key of keys) projections.put(one, key, { resourceVersion: 1, json: json("x") });
  projections.put(one, "k0", { resourceVersion: 2, json: json("y") });
  expect([projections.get(one, "k0", 1), projections.get(one, "k0", 2)]).toEqual([undefined, json("y")]);
  expect(projections.get(one, "k1", undefined)).toBeUndefined();
  for (const key of keys.slice(0, 50)) projections.delete(key);
  for (const key of keys.slice(100)) projections.put(one, key, { resourceVersion: 1, json: json("x") });
  expect(remembered(projections, one)).toBe(100);
});
