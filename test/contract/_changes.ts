// Random lives of a few objects, for property tests.
import fc from "fast-check";
import { WATCH_HISTORY_BYTES_MAX } from "../../shared/base/limits.ts";
import type { TestStore } from "./_store.ts";
import { configMap } from "./_store.ts";

export type Change = {
  readonly namespace: string;
  readonly name: string;
  readonly do: "create" | "patch" | "label" | "delete" | "hold" | "release";
  readonly value: string;
};
const one: fc.Arbitrary<Change> = fc.record({
  namespace: fc.constantFrom("a", "a", "b"),
  name: fc.constantFrom("k", "l", "m", "n", "o"),
  do: fc.constantFrom("create", "create", "patch", "label", "delete", "hold", "release"),
  value: fc.constantFrom("1", "2", "3"),
});
export const changes = (maxLength: number): fc.Arbitrary<Change[]> => fc.array(one, { maxLength, size: "max" });

/** Does one; what makes no sense just now is refused by the store, which is fine. */
export function change(s: TestStore, { namespace, name, do: what, value }: Change): void {
  const at = { namespace };
  switch (what) {
    case "create":
      s.create(configMap(name, { k: value }, { namespace, labels: { l: value } }));
      return;
    case "patch":
      s.patch(name, { data: { k: value } }, at);
      return;
    case "label":
      s.patch(name, { metadata: { labels: { l: value } } }, at);
      return;
    case "delete":
      s.delete(name, {}, at);
      return;
    case "hold":
      s.patch(name, { metadata: { finalizers: ["example.com/hold"] } }, at);
      return;
    case "release":
      s.patch(name, { metadata: { finalizers: null } }, at);
  }
}

/** Lets so much happen elsewhere that the store forgets what was: a few large texts do. */
export function forget(s: TestStore): void {
  s.create(configMap("noise", { k: "x".repeat(1_000_000) }, { namespace: "noise" }));
  for (let bytes = 0, n = 0; bytes < WATCH_HISTORY_BYTES_MAX * 1.4; bytes += 2_000_000, n++)
    s.patch("noise", { metadata: { labels: { n: String(n) } } }, { namespace: "noise" });
}
