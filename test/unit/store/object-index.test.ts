// The index of a store's objects is after any changes what it would be if it was made anew.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryTable } from "../../../durable-objects/storage/memory-table.ts";
import { type Candidates, ObjectIndex } from "../../../durable-objects/store/object-index.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import { podKind } from "../../../shared/kinds/core/pod.ts";
import type { OwnerReference, Pod } from "../../../shared/kinds/_generated/types.ts";

const NODES = ["", "a", "b"];
const OWNERS = ["u1", "u2", "u3"];
/** The second of them only after some changes: an index that somebody asks for later holds all that was there before. */
const QUESTIONS: readonly Candidates[] = [
  ...OWNERS.map((uid): Candidates => ({ ownerUids: [uid] })),
  { ownerUids: OWNERS },
  ...NODES.map((value): Candidates => ({ field: { path: "spec.nodeName", value } })),
  { orphans: true },
  {},
];
const answers = (index: ObjectIndex) =>
  QUESTIONS.map((question) => [...index.entries(question)].map(({ name, resourceVersion }) => `${name} ${resourceVersion}`).sort());

describe("the index of a store", () => {
  it("answers as if it was made anew, whatever was changed", () => {
    const owner = (uid: string, controller: boolean): OwnerReference => ({ apiVersion: "v1", kind: "Owner", name: uid, uid, controller });
    const step = fc.record({
      name: fc.constantFrom("p", "q", "r"),
      gone: fc.boolean(),
      node: fc.constantFrom(...NODES),
      owners: fc.uniqueArray(fc.constantFrom(...OWNERS), { maxLength: 3 }),
      controlled: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.nat(20), (steps, asked) => {
        const table = memoryTable();
        const index = new ObjectIndex(podKind, table);
        steps.forEach(({ name, gone, node, owners, controlled }, count) => {
          const at = { namespace: "n", name };
          if (gone) {
            index.delete(at);
            table.remove({ ...at, resourceVersion: count + 1 });
          } else {
            const ownerReferences = owners.map((uid, place) => owner(uid, controlled && place === 0));
            const pod: Pod = { metadata: { ...at, uid: name, resourceVersion: String(count + 1), ownerReferences }, spec: { containers: [], nodeName: node } };
            index.set(at, pod as KubeObject);
            table.put({ ...at, resourceVersion: count + 1, text: JSON.stringify(pod) });
          }
          if (count >= asked) expect(answers(index)).toEqual(answers(new ObjectIndex(podKind, table)));
        });
        expect(index.size).toBe(table.count());
        for (const uid of OWNERS) expect(index.hasOwner([uid])).toBe([...index.entries({ ownerUids: [uid] })].length > 0);
      }),
    );
  });
});
