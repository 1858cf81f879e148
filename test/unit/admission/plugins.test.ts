// The admission plugins, with texts taken from a real server.
import { describe, expect, it } from "vitest";
import { ADMISSION } from "../../../shared/admission/index.ts";
import { cloneJson } from "../../../shared/base/json.ts";
import type { Pod } from "../../../shared/kinds/_generated/types.ts";
import { podKind } from "../../../shared/kinds/core/pod.ts";
import type { AnyKind, KubeObject } from "../../../shared/kinds/define-kind.ts";
import { defineKind } from "../../../shared/kinds/define-kind.ts";
import { create, type Objects, RECORDED, run } from "./cluster.ts";

const pods = podKind as unknown as AnyKind;
const namespaces = defineKind("v1/namespaces");
const configMaps = defineKind("v1/configmaps");
const claims = defineKind("v1/persistentvolumeclaims");
const volumes = defineKind("v1/persistentvolumes");
const nodes = defineKind("v1/nodes");
const ingresses = defineKind("networking.k8s.io/v1/ingresses");
const classes = defineKind("scheduling.k8s.io/v1/priorityclasses");

type Spec = NonNullable<Pod["spec"]>;
const newPod = (spec: Partial<Spec> = {}, namespace = "default"): Pod => ({
  metadata: { name: "p", namespace },
  spec: { containers: [{ name: "a", image: "i" }], ...spec },
});
const withObjects = (more: Objects): Objects => ({ ...RECORDED, ...more });
const made = (object: Pod, objects: Objects = RECORDED): { pod: Pod; refusal: string | undefined } => {
  const { refused, errors } = create(pods, object, objects);
  expect(errors).toEqual([]);
  return { pod: object, refusal: refused?.message };
};
const named = (name: string, members: object = {}): KubeObject => ({ metadata: { name }, ...members }) as KubeObject;

describe("all plugins", () => {
  it("run in upstream's order", () =>
    expect(ADMISSION.map(({ name }) => name)).toEqual([
      "NamespaceLifecycle",
      "LimitRanger",
      "ServiceAccount",
      "TaintNodesByCondition",
      "Priority",
      "DefaultTolerationSeconds",
      "DefaultStorageClass",
      "StorageObjectInUseProtection",
      "RuntimeClass",
      "DefaultIngressClass",
    ]));
  it("change nothing the second time", () => {
    const object = newPod({ initContainers: [{ name: "z", image: "i" }] });
    pods.defaults(object);
    run("admit", { kind: pods, object });
    const once = cloneJson(object);
    run("admit", { kind: pods, object });
    expect(object).toEqual(once);
  });
});

describe("NamespaceLifecycle", () => {
  const write = (namespace: string, objects: Objects = RECORDED) =>
    run("admit", { kind: configMaps, namespace, object: { metadata: { name: "x", namespace } } }, objects);
  it("refuses what has no namespace", () => {
    expect(write("nope")).toMatchObject({ code: 404, message: 'namespaces "nope" not found', details: { name: "nope", kind: "namespaces" } });
    expect(write("default")).toBeUndefined();
  });
  it("refuses new content of a namespace that goes away, and says so in a cause", () => {
    const ending = { "/namespaces": [named("end", { status: { phase: "Terminating" } })] };
    expect(write("end", ending)).toMatchObject({
      code: 403,
      message: 'configmaps "x" is forbidden: unable to create new content in namespace end because it is being terminated',
      details: { causes: [{ reason: "NamespaceTerminating", message: "namespace end is being terminated", field: "metadata.namespace" }] },
    });
    expect(run("admit", { kind: configMaps, namespace: "end", operation: "UPDATE", object: named("x") }, ending)).toBeUndefined();
  });
  it("keeps three namespaces", () => {
    const remove = (name: string) => run("admit", { kind: namespaces, operation: "DELETE", name })?.message;
    for (const name of ["default", "kube-system", "kube-public"]) {
      expect(remove(name)).toBe(`namespaces "${name}" is forbidden: this namespace may not be deleted`);
    }
    expect(remove("kube-node-lease")).toBeUndefined();
  });
});

describe("ServiceAccount", () => {
  const account = (members: object): Objects =>
    withObjects({ "/serviceaccounts": [{ metadata: { name: "default", namespace: "default" }, ...members } as KubeObject] });
  it("mounts one token into every container that does not mount its own", () => {
    const own = { name: "b", image: "i", volumeMounts: [{ name: "v", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }] };
    const { pod } = made(newPod({ containers: [{ name: "a", image: "i" }, own], volumes: [{ name: "v", emptyDir: {} }] }));
    const name = pod.spec?.volumes?.[1]?.name ?? "";
    expect(name).toMatch(/^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(pod.spec?.containers?.map(({ volumeMounts }) => volumeMounts?.map((mount) => mount.name))).toEqual([[name], ["v"]]);
    expect(pod.spec).toMatchObject({ serviceAccountName: "default", serviceAccount: "default" });
  });
  it("takes no for an answer", () => {
    expect(made(newPod({ automountServiceAccountToken: false })).pod.spec?.volumes).toBeUndefined();
    expect(made(newPod(), account({ automountServiceAccountToken: false })).pod.spec?.volumes).toBeUndefined();
    const both = made(newPod({ automountServiceAccountToken: true }), account({ automountServiceAccountToken: false }));
    expect(both.pod.spec?.volumes).toHaveLength(1);
  });
  it("lends its pull secrets to pods that have none", () => {
    const objects = account({ imagePullSecrets: [{ name: "ps" }] });
    expect(made(newPod(), objects).pod.spec?.imagePullSecrets).toEqual([{ name: "ps" }]);
    expect(made(newPod({ imagePullSecrets: [{ name: "own" }] }), objects).pod.spec?.imagePullSecrets).toEqual([{ name: "own" }]);
  });
  it("refuses secrets that an enforcing account does not name", () => {
    const objects = withObjects({
      "/serviceaccounts": [
        {
          metadata: { name: "default", namespace: "default", annotations: { "kubernetes.io/enforce-mountable-secrets": "true" } },
          secrets: [{ name: "ok" }],
        } as KubeObject,
      ],
    });
    const using = (secretName: string) => made(newPod({ volumes: [{ name: "v", secret: { secretName } }] }), objects).refusal;
    expect(using("ok")).toBeUndefined();
    expect(using("no")).toBe(
      'pods "p" is forbidden: volume with secret.secretName="no" is not allowed because service account default does not reference that secret',
    );
  });
});

describe("Priority", () => {
  const objects = withObjects({ "scheduling.k8s.io/priorityclasses": [named("high", { value: 1000, preemptionPolicy: "Never" })] });
  it("gives the class's number and policy", () =>
    expect(made(newPod({ priorityClassName: "high" }), objects).pod.spec).toMatchObject({ priority: 1000, preemptionPolicy: "Never" }));
  it("gives the default class to pods that name none", () => {
    const lowest = { "scheduling.k8s.io/priorityclasses": [named("b", { value: 9, globalDefault: true }), named("a", { value: 7, globalDefault: true })] };
    expect(made(newPod(), withObjects(lowest)).pod.spec).toMatchObject({ priority: 7, priorityClassName: "a" });
  });
  it("refuses other numbers and policies", () => {
    expect(made(newPod({ priority: 5 }), objects).refusal).toBe(
      'pods "p" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    );
    expect(made(newPod({ priorityClassName: "high", preemptionPolicy: "PreemptLowerPriority" }), objects).refusal).toBe(
      'pods "p" is forbidden: the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name',
    );
  });
  it("keeps a single default class", () => {
    const one = { "scheduling.k8s.io/priorityclasses": [named("one", { value: 1, globalDefault: true })] };
    expect(run("validate", { kind: classes, object: named("two", { globalDefault: true }) }, one)?.message).toBe(
      'priorityclasses.scheduling.k8s.io "two" is forbidden: PriorityClass one is already marked as default. Only one default can exist',
    );
    expect(run("validate", { kind: classes, operation: "UPDATE", object: named("one", { globalDefault: true }) }, one)).toBeUndefined();
  });
});

describe("LimitRanger", () => {
  const item = {
    type: "Container",
    default: { cpu: "500m", memory: "256Mi" },
    defaultRequest: { cpu: "250m" },
    min: { cpu: "100m" },
    max: { cpu: "1", memory: "512Mi" },
    maxLimitRequestRatio: { cpu: "3" },
  };
  const range = (...limits: object[]): Objects =>
    withObjects({ "/limitranges": [{ metadata: { name: "lr", namespace: "default" }, spec: { limits } } as KubeObject] });
  it("fills in requests and limits and notes it", () => {
    const { pod, refusal } = made(newPod(), range(item));
    expect(refusal).toBeUndefined();
    expect(pod.spec?.containers?.[0]?.resources).toEqual({ limits: { cpu: "500m", memory: "256Mi" }, requests: { cpu: "250m" } });
    expect(pod.metadata?.annotations).toEqual({
      "kubernetes.io/limit-ranger": "LimitRanger plugin set: cpu request for container a; cpu, memory limit for container a",
    });
  });
  it("refuses what is too small, too large or too far apart", () => {
    const using = (requests: Record<string, string>, limits: Record<string, string>) =>
      made(newPod({ containers: [{ name: "a", image: "i", resources: { requests, limits } }] }), range(item)).refusal;
    expect(using({ cpu: "50m" }, { cpu: "2" })).toBe(
      'pods "p" is forbidden: [minimum cpu usage per Container is 100m, but request is 50m, maximum cpu usage per Container is 1, but limit is 2, cpu max limit to request ratio per Container is 3, but provided ratio is 40.000000]',
    );
  });
  it("limits whole pods", () => {
    const containers = ["a", "b"].map((name) => ({ name, image: "i", resources: { limits: { cpu: "1" } } }));
    expect(made(newPod({ containers }), range({ type: "Pod", max: { cpu: "1500m" } })).refusal).toBe(
      'pods "p" is forbidden: maximum cpu usage per Pod is 1500m, but limit is 2',
    );
  });
  it("limits claims", () => {
    const object = { metadata: { name: "c", namespace: "default" }, spec: { resources: { requests: { storage: "10Gi" } } } } as KubeObject;
    expect(run("validate", { kind: claims, object }, range({ type: "PersistentVolumeClaim", max: { storage: "5Gi" } }))?.message).toBe(
      'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 10Gi',
    );
  });
});

describe("RuntimeClass", () => {
  const objects = withObjects({
    "node.k8s.io/runtimeclasses": [
      named("rc", {
        overhead: { podFixed: { cpu: "250m" } },
        scheduling: { nodeSelector: { a: "b" }, tolerations: [{ key: "x", operator: "Exists", effect: "NoSchedule" }] },
      }),
    ],
  });
  it("adds overhead, node selector and tolerations without repeating itself", () => {
    const narrow = { key: "x", operator: "Equal", value: "y", effect: "NoSchedule" };
    const { spec } = made(newPod({ runtimeClassName: "rc", nodeSelector: { c: "d" }, tolerations: [narrow] }), objects).pod;
    expect(spec).toMatchObject({ overhead: { cpu: "250m" }, nodeSelector: { a: "b", c: "d" } });
    expect(spec?.tolerations?.map(({ key }) => key)).toEqual(["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable", "x"]);
  });
  it("refuses pods that disagree", () => {
    expect(made(newPod({ runtimeClassName: "rc", nodeSelector: { a: "z" } }), objects).refusal).toBe(
      'pods "p" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[a] = b; pod.spec.nodeSelector[a] = z',
    );
    expect(made(newPod({ runtimeClassName: "rc", overhead: { cpu: "1m" } }), objects).refusal).toBe(
      "pods \"p\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    );
  });
});

describe("small plugins", () => {
  it("taint new nodes", () => {
    const object: KubeObject & { spec?: unknown } = { metadata: { name: "n" } };
    run("admit", { kind: nodes, object });
    expect(object.spec).toEqual({ taints: [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }] });
  });
  it("protect storage in use", () => {
    const claim: KubeObject = { metadata: { name: "c", namespace: "default", finalizers: ["a/b"] } };
    run("admit", { kind: claims, object: claim });
    expect(claim.metadata?.finalizers).toEqual(["a/b", "kubernetes.io/pvc-protection"]);
    const volume: KubeObject = { metadata: { name: "v" } };
    run("admit", { kind: volumes, object: volume });
    expect(volume.metadata?.finalizers).toEqual(["kubernetes.io/pv-protection"]);
  });
  it("choose the newest default class", () => {
    const marked = (name: string, creationTimestamp: string, key: string): KubeObject => ({
      metadata: { name, creationTimestamp, annotations: { [key]: "true" } },
    });
    const storage = "storageclass.kubernetes.io/is-default-class";
    const ingress = "ingressclass.kubernetes.io/is-default-class";
    const objects = withObjects({
      "storage.k8s.io/storageclasses": [marked("old", "2025-01-01T00:00:00Z", storage), marked("new", "2026-01-01T00:00:00Z", storage)],
      "networking.k8s.io/ingressclasses": [marked("b", "2025-01-01T00:00:00Z", ingress), marked("a", "2025-01-01T00:00:00Z", ingress)],
    });
    const claim: KubeObject & { spec?: unknown } = { metadata: { name: "c", namespace: "default" } };
    run("admit", { kind: claims, object: claim }, objects);
    expect(claim.spec).toEqual({ storageClassName: "new" });
    const asked: KubeObject & { spec?: unknown } = { metadata: { name: "c", namespace: "default" }, spec: { storageClassName: "" } };
    run("admit", { kind: claims, object: asked }, objects);
    expect(asked.spec).toEqual({ storageClassName: "" });
    const route: KubeObject & { spec?: unknown } = { metadata: { name: "i", namespace: "default" } };
    run("admit", { kind: ingresses, object: route }, objects);
    expect(route.spec).toEqual({ ingressClassName: "a" });
  });
});
