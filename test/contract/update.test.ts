// What a store promises about changes of objects: updates, patches, subresources, what is held alone, other versions.
import { describe, expect, it } from "vitest";
import type { Lease, Pod, Service } from "../../shared/kinds/_generated/types.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { OBJECT_BYTES_MAX } from "../../shared/base/limits.ts";
import { KINDS } from "../../shared/kinds/index.ts";
import { configMapKind } from "../../shared/kinds/core/configmap.ts";
import { podKind } from "../../shared/kinds/core/pod.ts";
import { serviceKind } from "../../shared/kinds/core/service.ts";
import { configMap, MEDIA, type Outcome, START, TestStore, told, versionOf } from "./_store.ts";

const kindNamed = (id: string) => {
  const kind = KINDS.find(({ group, version, resource }) => `${group}/${version}/${resource}` === id);
  if (!kind) throw new Error(`no ${id}`);
  return kind;
};
const deploymentKind = kindNamed("apps/v1/deployments");
const pod = (name: string, spec: Pod["spec"] = {}): Pod => ({ metadata: { name }, spec: { containers: [{ name: "c", image: "i" }], ...spec } });
const codeOf = (result: Outcome): number => (result.ok ? result.code : result.status.code);

describe.each(MEDIA)("changes over $name", (medium) => {
  const store = (): TestStore => {
    const s = new TestStore(medium, [configMapKind]);
    s.create(configMap("a", { k: "1" }));
    return s;
  };

  it("[U1] an update of what has changed since it was read is a conflict and changes nothing", () => {
    const s = store();
    const read = s.get("a");
    s.patch("a", { data: { k: "2" } });
    const before = s.last;
    expect(s.update({ ...read, data: { k: "3" } } as KubeObject)).toMatchObject({ ok: false, status: { code: 409, reason: "Conflict" } });
    expect(s.get("a")).toMatchObject({ data: { k: "2" } });
    expect(s.last).toBe(before);
    expect(s.update({ ...s.get("a"), data: { k: "3" } } as KubeObject)).toMatchObject({ ok: true, code: 200 });
  });

  it("[U2] an update that names no version goes through where the kind allows it, else it is refused", () => {
    const s = store();
    expect(s.update(configMap("a", { k: "2" }))).toMatchObject({ ok: true });
    const leases = new TestStore(medium, [kindNamed("coordination.k8s.io/v1/leases")]);
    const lease: Lease = { metadata: { name: "l" }, spec: { holderIdentity: "me" } };
    leases.create(lease);
    const answer = leases.update({ metadata: { name: "l" }, spec: { holderIdentity: "you" } } as KubeObject);
    expect([200, 422]).toContain(codeOf(answer));
    expect(answer.ok).toBe(leases.kind.allowUnconditionalUpdate);
  });

  it("[U3] an update that means another object of that name is a conflict", () => {
    const s = store();
    const { uid } = s.get("a").metadata ?? {};
    s.delete("a");
    s.create(configMap("a", { k: "new" }));
    expect(s.update(configMap("a", { k: "2" }, { uid: uid ?? "" }))).toMatchObject({ ok: false, status: { code: 409 } });
    expect(s.get("a")).toMatchObject({ data: { k: "new" } });
  });

  it("[U4] a write that changes nothing keeps the version and is no event", () => {
    const s = store();
    const before = s.last;
    const watching = s.watching({ resourceVersion: String(before) });
    expect(s.update(s.get("a"))).toMatchObject({ ok: true, object: { metadata: { resourceVersion: String(before) } } });
    expect(s.patch("a", { data: { k: "1" } })).toMatchObject({ ok: true, object: { metadata: { resourceVersion: String(before) } } });
    expect(s.patch("a", {}, { type: "strategic" })).toMatchObject({ ok: true });
    expect(s.last).toBe(before);
    expect(told(watching)).toEqual([]);
  });

  it("[U5] a dry run of a change answers with the result and writes nothing", () => {
    const s = store();
    const before = s.last;
    expect(s.patch("a", { data: { k: "2" } }, { dryRun: true })).toMatchObject({ ok: true, object: { data: { k: "2" } } });
    expect(s.update(configMap("a", { k: "3" }), { dryRun: true })).toMatchObject({ ok: true, object: { data: { k: "3" } } });
    expect(s.get("a")).toMatchObject({ data: { k: "1" } });
    expect(s.last).toBe(before);
  });

  it("[U6] uid and birth stay when they are left out, and cannot be changed", () => {
    const s = store();
    const { uid, creationTimestamp } = s.get("a").metadata ?? {};
    s.now += 60_000;
    s.update(configMap("a", { k: "2" }));
    expect(s.get("a").metadata).toMatchObject({ uid, creationTimestamp });
    expect(s.patch("a", { metadata: { uid: "other" } })).toMatchObject({ ok: false, status: { code: 422 } });
    expect(s.get("a").metadata?.uid).toBe(uid);
  });

  it("[U7] status is written through its subresource alone, and through it nothing else", () => {
    const s = new TestStore(medium, [podKind]);
    s.create(pod("p"));
    s.patch("p", { status: { phase: "Running" } });
    expect((s.get("p") as Pod).status?.phase).toBe("Pending");
    s.patch("p", { spec: { nodeName: "n" }, status: { phase: "Running" } }, { subresource: "status" });
    expect(s.get("p")).toMatchObject({ status: { phase: "Running" } });
    expect((s.get("p") as Pod).spec?.nodeName).toBeUndefined();
  });

  it("[U8] generation counts changes of the spec, not those of labels or status", () => {
    const s = new TestStore(medium, [deploymentKind]);
    const labels = { a: "b" };
    s.create({
      metadata: { name: "d" },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } } },
    } as KubeObject);
    expect(s.get("d").metadata?.generation).toBe(1);
    s.patch("d", { metadata: { labels } });
    s.patch("d", { status: { replicas: 1 } }, { subresource: "status" });
    expect(s.get("d").metadata?.generation).toBe(1);
    s.patch("d", { spec: { replicas: 5 } });
    expect(s.get("d").metadata?.generation).toBe(2);
    s.patch("d", { spec: { replicas: 7 } }, { subresource: "scale" });
    expect(s.get("d")).toMatchObject({ metadata: { generation: 3 }, spec: { replicas: 7 } });
  });

  it("[U9] a patch runs on what is there; one that names an old version is a conflict", () => {
    const s = store();
    const old = s.get("a").metadata?.resourceVersion;
    s.patch("a", { data: { l: "2" } });
    expect(s.patch("a", { data: { m: "3" } })).toMatchObject({ ok: true, object: { data: { k: "1", l: "2", m: "3" } } });
    expect(s.patch("a", { metadata: { resourceVersion: old }, data: { n: "4" } })).toMatchObject({ ok: false, status: { code: 409 } });
    expect(s.get("a")).toMatchObject({ data: { k: "1", l: "2", m: "3" } });
  });

  it("[U10] an update of a name that is not there makes it only where the kind allows it and the client knew nothing of it", () => {
    const s = store();
    expect(s.update(configMap("b"))).toMatchObject({ ok: false, status: { code: 404 } });
    const services = new TestStore(medium, [serviceKind]);
    const service = (metadata: KubeObject["metadata"]): KubeObject => ({ metadata: { name: "s", ...metadata }, spec: { ports: [{ port: 80 }] } }) as KubeObject;
    expect(services.update(service({ resourceVersion: "7" }))).toMatchObject({ ok: false, status: { code: 404 } });
    expect(services.update(service({ uid: "u" }))).toMatchObject({ ok: false, status: { code: 404 } });
    expect(services.update(service({}))).toMatchObject({ ok: true, code: 201 });
  });

  it("[U11] an update above the size limit leaves the object as it was", () => {
    const s = new TestStore(medium, [podKind]);
    s.create(pod("p"));
    const before = s.last;
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`c${n}`, "x".repeat(OBJECT_BYTES_MAX / 20)]));
    const conditions = Object.entries(many).map(([type, message]) => ({ type, status: "True", message }));
    expect(s.patch("p", { status: { conditions } }, { subresource: "status" })).toMatchObject({ ok: false, status: { code: 413 } });
    expect(versionOf(s.get("p"))).toBe(before);
    expect(s.patch("p", { metadata: { labels: { l: "1" } } })).toMatchObject({ ok: true });
    expect(versionOf(s.get("p"))).toBe(before + 1);
  });

  it("[U12] what an object holds alone (address, port) no other gets, by wish or by chance, until it is released", () => {
    const s = new TestStore(medium, [serviceKind]);
    const service = (name: string, spec: Service["spec"] = {}): KubeObject =>
      ({ metadata: { name }, spec: { type: "NodePort", ports: [{ port: 80 }], ...spec } }) as KubeObject;
    for (let n = 0; n < 40; n++) {
      s.loaded.push(0, 0);
      expect(s.create(service(`s${n}`))).toMatchObject({ ok: true });
    }
    const held = s.page().items as Service[];
    expect(new Set(held.map(({ spec }) => spec?.clusterIP)).size).toBe(40);
    expect(new Set(held.map(({ spec }) => spec?.ports?.[0]?.nodePort)).size).toBe(40);
    const [first] = held;
    const wish: Service["spec"] = { clusterIP: first?.spec?.clusterIP ?? "", ports: [{ port: 80, nodePort: first?.spec?.ports?.[0]?.nodePort ?? 0 }] };
    const last = s.last;
    expect(s.create(service("thief", wish))).toMatchObject({ ok: false, status: { code: 422 } });
    expect(s.create(service("thief", wish), { dryRun: true })).toMatchObject({ ok: false, status: { code: 422 } });
    s.crash();
    expect(s.create(service("thief", wish))).toMatchObject({ ok: false, status: { code: 422 } });
    expect(s.last).toBe(last);
    s.delete(first?.metadata?.name ?? "");
    expect(s.create(service("heir", wish))).toMatchObject({ ok: true });
    expect(s.patch("heir", { spec: { type: "ClusterIP", ports: [{ port: 80, nodePort: null }] } })).toMatchObject({ ok: true });
    expect(s.create(service("second", { ports: wish.ports ?? [] }))).toMatchObject({ ok: true });
  });

  it("[U13] an object is stored once and shown in every version of its resource", () => {
    const events = new TestStore(medium, [kindNamed("/v1/events"), kindNamed("events.k8s.io/v1/events")]);
    const newer = kindNamed("events.k8s.io/v1/events");
    const regarding = { kind: "Pod", name: "p", namespace: "default" };
    const sent = {
      metadata: { name: "e" },
      eventTime: "2026-01-01T00:00:00.000000Z",
      reportingController: "x.io/c",
      reportingInstance: "i",
      action: "A",
      reason: "R",
      type: "Normal",
      regarding,
      note: "hello",
    };
    expect(events.create(sent as KubeObject, { kind: newer })).toMatchObject({ ok: true, object: { regarding, note: "hello" } });
    expect(events.get("e")).toMatchObject({ involvedObject: regarding, message: "hello" });
    expect(events.page().items[0]).toMatchObject({ involvedObject: regarding, message: "hello" });
    expect(events.page({ group: "events.k8s.io", version: "v1" }).items[0]).toMatchObject({ regarding, note: "hello" });
    expect(events.page({ group: "events.k8s.io", version: "v1", fieldSelector: "regarding.name=p" }).items).toHaveLength(1);
    expect(events.page({ fieldSelector: "involvedObject.name=p" }).items).toHaveLength(1);

    const hpas = new TestStore(medium, [kindNamed("autoscaling/v2/horizontalpodautoscalers"), kindNamed("autoscaling/v1/horizontalpodautoscalers")]);
    const v1 = kindNamed("autoscaling/v1/horizontalpodautoscalers");
    const spec = { scaleTargetRef: { kind: "Deployment", name: "d", apiVersion: "apps/v1" }, maxReplicas: 3, targetCPUUtilizationPercentage: 50 };
    hpas.create({ metadata: { name: "h" }, spec } as KubeObject, { kind: v1 });
    expect(hpas.get("h")).toMatchObject({ spec: { metrics: [{ type: "Resource", resource: { name: "cpu", target: { averageUtilization: 50 } } }] } });
    const before = hpas.last;
    expect(hpas.patch("h", { spec: { targetCPUUtilizationPercentage: 50 } }, { kind: v1 })).toMatchObject({ ok: true });
    expect(hpas.last).toBe(before);
    expect(hpas.patch("h", { spec: { targetCPUUtilizationPercentage: 60 } }, { kind: v1 })).toMatchObject({
      ok: true,
      object: { spec: { targetCPUUtilizationPercentage: 60 } },
    });
    expect(hpas.get("h")).toMatchObject({ spec: { metrics: [{ resource: { target: { averageUtilization: 60 } } }] } });
  });

  it("[U14] a version that the store does not serve is refused, not guessed", () => {
    const s = store();
    expect(s.commit({ ...s.creation(configMap("b")), version: "v9" })).toMatchObject([{ ok: false, status: { code: 404 } }]);
    expect(s.list({ version: "v9" })).toMatchObject({ code: 404 });
    expect(s.watch({ version: "v9" })).toMatchObject({ code: 404 });
    expect(s.now).toBe(START);
  });

  it("[U15] a binding sets the node and the condition, and whoever binds manages nothing", () => {
    const pods = new TestStore(medium, [podKind]);
    pods.create(pod("p"));
    const { managedFields } = pods.get("p")?.metadata ?? {};
    expect(managedFields).toHaveLength(1);
    const text = JSON.stringify({ metadata: { name: "p" }, target: { kind: "Node", name: "n1" } });
    expect(pods.commit({ ...pods.patching("p", {}), verb: "post", subresource: "binding", text })).toMatchObject([{ ok: true, code: 201 }]);
    expect(pods.get("p")).toMatchObject({
      metadata: { managedFields },
      spec: { nodeName: "n1" },
      status: { conditions: [{ type: "PodScheduled", status: "True", lastProbeTime: null }] },
    });
    expect(pods.get("p")?.metadata?.managedFields).toEqual(managedFields);
  });
});
