// How the objects of a plan are prepared: what is asked about them, and when nothing more is tried.
import { describe, expect, it } from "vitest";
import { PolicySnapshot } from "../../durable-objects/client/policy.ts";
import type { Stores } from "../../durable-objects/client/stores.ts";
import { prepareCreations, prepareWrites } from "../../durable-objects/runtime/submitter.ts";
import type { AdmissionPlugin } from "../../shared/admission/plugin.ts";
import { forbid } from "../../shared/admission/forbid.ts";
import { EventRecorder } from "../../durable-objects/runtime/event-recorder.ts";
import { ControllerRunner } from "../../durable-objects/runtime/controller-runner.ts";
import { WorkQueue } from "../../durable-objects/runtime/work-queue.ts";
import { namespaceLifecycle } from "../../shared/admission/namespace-lifecycle.ts";
import { defineController } from "../../shared/reconcile/controller.ts";
import { configMapKind } from "../../shared/kinds/core/configmap.ts";

const LATER_MS = 10;
const writesOf = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ kind: configMapKind, namespace: "default", object: { metadata: { namespace: "default", name: `c${n}` } } }));

/** A cluster with one fact, whether the namespace is open; the plugin counts whom it was asked about. */
class Policed {
  static #clusters = 0;
  readonly asked: string[] = [];
  calls = 0;
  isOpen = true;
  #now = 0;
  readonly policy = new PolicySnapshot();
  readonly #plugin: AdmissionPlugin = {
    name: "Gate",
    facts: ["/namespaces"],
    handles: () => true,
    admit: (request, facts) => {
      this.asked.push(request.name);
      return facts.get("/namespaces", "", "default") || request.name === "exempt" ? undefined : forbid(request, "closed");
    },
  };
  readonly submitter = {
    stores: {
      cluster: { uid: `policed-${Policed.#clusters++}` },
      query: () => {
        this.calls++;
        return Promise.resolve([this.isOpen ? [{ metadata: { name: "default" } }] : []]);
      },
    } as unknown as Stores,
    ports: { now: () => (this.#now += LATER_MS), uid: () => "drawn", dice: () => 0 },
    username: "test",
    manager: "test",
    plugins: [this.#plugin],
  };
  async prepare(count: number): Promise<string[]> {
    this.asked.length = this.calls = 0;
    const prepared = await prepareCreations(this.submitter, this.policy, writesOf(count));
    return prepared.map((result) => (result.ok ? "made" : (result.error.reason ?? "")));
  }
}

describe("new objects", () => {
  it("[Q8] what a plan creates is tried until the first of it is forbidden", async () => {
    const policed = new Policed();
    expect(await policed.prepare(3)).toEqual(["made", "made", "made"]);
    policed.isOpen = false;
    await policed.prepare(100);
    expect(await policed.prepare(3)).toEqual(["Forbidden"]);
    expect(new Set(policed.asked)).toEqual(new Set(["c0"]));
  });

  it("are all tried when the first of a plan is only wrong in itself", async () => {
    const policed = new Policed();
    const [first, ...rest] = writesOf(3);
    const wrong = { ...first, object: { metadata: { namespace: "default", name: "Not A Name" } } } as (typeof rest)[number];
    const prepared = await prepareCreations(policed.submitter, policed.policy, [wrong, ...rest]);
    expect(prepared.map(({ ok }) => ok)).toEqual([false, true, true]);
  });

  it("[Q9] much that is created at once is judged by what is true now, little by what was true a second ago", async () => {
    const policed = new Policed();
    await policed.prepare(1);
    policed.isOpen = false;
    expect(await policed.prepare(2)).toEqual(["made", "made"]);
    expect(policed.calls).toBe(0);
    expect(await policed.prepare(100)).toEqual(["Forbidden"]);
    expect([policed.calls, policed.asked]).toEqual([1, ["c0"]]);
    policed.isOpen = true;
    expect(await policed.prepare(2)).toEqual(["made", "made"]);
  });

  it("are each asked about when they are no plan", async () => {
    const policed = new Policed();
    policed.isOpen = false;
    const [first, second] = writesOf(2);
    const exempt = { ...second, object: { metadata: { namespace: "default", name: "exempt" } } } as NonNullable<typeof first>;
    const prepared = await prepareWrites(policed.submitter, policed.policy, first ? [first, exempt] : []);
    expect(prepared.map(({ ok }) => ok)).toEqual([false, true]);
  });

  it.each([
    ["[Q10] are not tried again where nothing can be made any more", "Terminating", undefined],
    ["are tried again when they are refused for another reason", "Gone", 15],
  ] as const)("%s", async (_title, phase, due) => {
    const namespaces = phase === "Gone" ? [] : [{ metadata: { name: "default" }, status: { phase } }];
    const submitter = {
      stores: { cluster: { uid: `ending-${phase}` }, query: () => Promise.resolve([namespaces]) } as unknown as Stores,
      ports: { now: () => LATER_MS, uid: () => "drawn", dice: () => 0 },
      username: "test",
      manager: "test",
      plugins: [namespaceLifecycle],
    };
    const [write] = writesOf(1);
    const controller = defineController({
      name: "maker",
      triggers: [],
      views: {},
      needs: () => ({}),
      reconcile: () => ({ actions: write ? [{ do: "create", resource: "/configmaps", object: write.object }] : [] }),
    });
    const policy = new PolicySnapshot();
    const recorder = new EventRecorder(submitter, configMapKind);
    const runner = new ControllerRunner(controller, { submitter, policy, recorder, kindOf: () => configMapKind, report: () => {} });
    const queue = new WorkQueue();
    queue.add("default/c0", 0);
    await runner.round(queue);
    expect(queue.nextDue(LATER_MS)).toBe(due);
  });
});
