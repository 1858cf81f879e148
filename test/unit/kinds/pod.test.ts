// Kind Pod against everything that a real server was recorded to say about pods.
import { describe, expect, it } from "vitest";
import { cloneJson } from "../../../shared/base/json.ts";
import type { FieldError } from "../../../shared/errors/field-error.ts";
import type { Container, Pod } from "../../../shared/kinds/_generated/types.ts";
import { podKind } from "../../../shared/kinds/core/pod.ts";
import type { AnyKind, KubeObject } from "../../../shared/kinds/define-kind.ts";
import { checkObject } from "../../../shared/schema/decode.ts";
import {
  columnMismatches,
  createMismatches,
  defaultingMismatches,
  inputObject,
  jsonLines,
  type Mismatch,
  mutated,
  recordedColumns,
  testContext,
  updateMismatches,
  type ValidationFact,
} from "../../support/facts.ts";
import { create, run } from "../admission/cluster.ts";

const kind = podKind as unknown as AnyKind;
const BASES = ["pod-minimal", "pod-full", "pod-volumes", "pod-probes", "pod-resources", "pod-hostnetwork"];
const DEFAULTED =
  "pod-full pod-generatename pod-hostnetwork pod-images pod-metadata-ignored pod-minimal pod-name-and-generatename pod-nodename pod-priority pod-qos-guaranteed pod-resources pod-restart-never pod-serviceaccount pod-serviceaccount-deprecated pod-spread pod-tolerate-all pod-tolerations pod-windows";

function admit(object: KubeObject): void {
  // The recording's YAML reads 0400 as octal, this project's reads it as decimal.
  const pod: Pod = object;
  for (const volume of pod.spec?.volumes ?? []) for (const item of volume.configMap?.items ?? []) if (item.mode === 400) item.mode = 0o400;
  const refused = run("admit", { kind, object });
  if (refused) throw new Error(refused.message);
  rename(pod);
}

// The recording masks the name that its server made, except where a fact has changed it.
const RECORDED_NAME = "kube-api-access-c5g7w";
const MASK = "kube-api-access-<rand>";
const mask = (errors: readonly FieldError[]): FieldError[] =>
  errors.map((error) => ({ ...error, message: error.message.replaceAll(/kube-api-access-c5g7w(?!x)/g, MASK) }));
/** Gives the token's volume the recorded name. */
function rename(pod: Pod): void {
  const mounts = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].flatMap((container: Container) => container.volumeMounts ?? []);
  for (const named of [...(pod.spec?.volumes ?? []), ...mounts]) {
    named.name = named.name?.replace(/^kube-api-access-(?:<rand>|[a-z0-9]{5})/, RECORDED_NAME) ?? "";
    if (named.name === "") delete named.name;
  }
}
const masked: AnyKind = {
  ...kind,
  validate: (object, context) => mask(kind.validate(object, context)),
  update: {
    prepare(next, stored, context) {
      rename(next);
      run("admit", { kind, object: next, stored, operation: "UPDATE" });
      kind.update.prepare(next, stored, context);
    },
    validate: (next, stored, context) => mask(kind.update.validate(next, stored, context)),
  },
};
/** Very long texts are cut in the recording. */
function agree(wanted: string, got: string): boolean {
  const cut = wanted.indexOf("...<cut, ");
  return cut >= 0 && got.startsWith(wanted.slice(0, cut));
}
const apart = (mismatches: readonly Mismatch[]): Mismatch[] =>
  mismatches.filter(({ missing, unexpected }) => !(missing.length === unexpected.length && missing.every((text, i) => agree(text, unexpected[i] ?? ""))));

interface HandFact extends ValidationFact {
  path?: string;
}
const handFacts = jsonLines<HandFact>("validation.jsonl").filter(
  ({ id, base, method, path, code }) =>
    id.startsWith("hand/pod-") && base === "pod-minimal" && method === "POST" && path?.includes("/pods?") && [201, 403, 422].includes(code),
);
/** Errors under metadata are left to the tests of shared/verbs. */
const inSpec = (text: string): boolean => !/^\S+ metadata\b/.test(text);
const causesOf = (errors: readonly FieldError[]): string[] => errors.map(({ type, field, message }) => `${type} ${field}: ${message}`);
/** Decoded as a server decodes it, for some facts hold nulls. */
function decoded(fact: HandFact): KubeObject {
  const result = checkObject(mutated(inputObject("pod-minimal"), fact), kind.schema, "Ignore");
  if (!result.ok) throw new Error(result.error.message);
  const { object } = result.value;
  (object.metadata ??= {}).namespace = "facts-val";
  return object;
}

describe("Pod", () => {
  it("prints every recorded state as recorded", () => {
    expect(columnMismatches(kind)).toEqual([]);
    expect(kind.table.columns.map(({ name, type, format = "", priority }) => ({ name, type, format, priority }))).toEqual(recordedColumns(kind));
  });
  it("is filled in as recorded", () => expect(defaultingMismatches(kind, DEFAULTED.split(" "), admit)).toEqual([]));
  it("is defaulted the same way twice", () => {
    for (const base of BASES) {
      const once = inputObject(base);
      kind.defaults(once);
      const twice = cloneJson(once);
      kind.defaults(twice);
      expect(twice).toEqual(once);
    }
  });
  it("is refused as recorded when it is new", () => expect(apart(createMismatches(masked, BASES, admit))).toEqual([]));
  it("is refused as recorded when it changes, with the recorded diff", () => expect(apart(updateMismatches(masked, BASES, admit))).toEqual([]));
  it.each(handFacts.map((fact) => [fact.id, fact] as const))("answers %s as recorded", (_id, fact) => {
    const { refused, errors } = create(kind, decoded(fact));
    if (fact.code === 403) expect(refused?.message).toBe(fact.message);
    else
      expect({ refused, causes: [...new Set(causesOf(errors))] }).toEqual({
        refused: undefined,
        causes: [...new Set((fact.causes ?? []).map(([type, field, message]) => `${type} ${field}: ${message}`).filter(inSpec))],
      });
  });
  it("warns as recorded about new pods", () => {
    const differing: unknown[] = [];
    for (const fact of jsonLines<ValidationFact>("validation.jsonl")) {
      const isNewPod = fact.id.startsWith("create/") && BASES.includes(fact.base ?? "");
      if (fact.code !== 201 || !(isNewPod || handFacts.some(({ id }) => id === fact.id))) continue;
      const object = mutated(inputObject(fact.base ?? ""), fact);
      (object.metadata ??= {}).namespace = "facts-val";
      create(kind, object);
      const want = (fact.warnings ?? []).map((text) => JSON.parse(text.slice(text.indexOf('"'))) as string).filter((text) => !text.startsWith("unknown field"));
      const got = kind.warnings(object, undefined);
      if (JSON.stringify(got.toSorted()) !== JSON.stringify(want.toSorted())) differing.push({ id: fact.id, want, got });
    }
    expect(differing).toEqual([]);
  });
});

const pod = (spec: Pod["spec"] = {}, status: Pod["status"] = {}): Pod => ({
  metadata: { name: "p", namespace: "default", generation: 3 },
  spec: { containers: [{ name: "c", image: "busybox:1" }], ...spec },
  status,
});
const stored = (spec: Pod["spec"] = {}, status: Pod["status"] = {}): Pod => {
  const object = pod(spec);
  podKind.defaults(object);
  podKind.prepareForCreate(object, testContext);
  Object.assign(object.status ?? {}, status);
  (object.metadata ??= {}).generation = 3;
  return object;
};

it("a Pod with resources named as members of every object is refused, not stumbled over", () => {
  const resources = { requests: { toString: "1", valueOf: "2" }, limits: { hasOwnProperty: "1" } };
  const { errors } = create(kind, pod({ containers: [{ name: "c", image: "i", resources }] }));
  const fields = ["limits[hasOwnProperty]", "requests[toString]", "requests[valueOf]", "requests[hasOwnProperty]"];
  expect([...new Set(errors.map(({ field }) => field))]).toEqual(fields.map((field) => `spec.containers[0].resources.${field}`));
});

describe("a Pod's deletion", () => {
  const grace = (object: Pod, requested?: number): number | undefined => podKind.gracefulDelete?.gracePeriodSeconds(object, requested);
  it("takes the pod's own time once it is on a node", () => {
    expect(grace(pod({ nodeName: "n", terminationGracePeriodSeconds: 12 }))).toBe(12);
    expect(grace(pod({ nodeName: "n", terminationGracePeriodSeconds: 12 }), 0)).toBe(0);
    expect(grace(pod({ nodeName: "n" }), -5)).toBe(1);
  });
  it("takes no time before it is on a node or after it ended", () => {
    expect(grace(pod({ terminationGracePeriodSeconds: 12 }), 40)).toBe(0);
    for (const phase of ["Succeeded", "Failed"]) expect(grace(pod({ nodeName: "n", terminationGracePeriodSeconds: 12 }, { phase }))).toBe(0);
  });
});

describe("a Pod's generation", () => {
  it("counts changes of its spec only", () => {
    const before = stored();
    const labelled = cloneJson(before);
    (labelled.metadata ??= {}).labels = { a: "b" };
    podKind.update.prepare(labelled, before, testContext);
    expect(labelled.metadata?.generation).toBe(3);
    const changed = cloneJson(before);
    for (const container of changed.spec?.containers ?? []) container.image = "busybox:2";
    podKind.update.prepare(changed, before, testContext);
    expect(changed.metadata?.generation).toBe(4);
  });
});

describe("a write of a Pod's status", () => {
  const status = podKind.subresources["status"];
  const write = (before: Pod, next: Pod): { next: Pod; errors: string[] } => {
    podKind.defaults(next);
    status?.prepare(next, before, testContext);
    return { next, errors: causesOf(status?.validate(next, before, testContext) ?? []) };
  };
  it("leaves the spec and takes labels, status and observed generations", () => {
    const before = stored({}, { observedGeneration: 2 });
    const asked = cloneJson(before);
    asked.spec = { containers: [{ name: "other", image: "x" }] };
    (asked.metadata ??= {}).labels = { a: "b" };
    asked.status = { phase: "Running", podIP: "10.0.0.1" };
    const { next, errors } = write(before, asked);
    expect(errors).toEqual([]);
    expect(next.spec).toEqual(before.spec);
    expect(next.metadata?.labels).toEqual({ a: "b" });
    expect(next.status).toEqual({ phase: "Running", podIP: "10.0.0.1", podIPs: [{ ip: "10.0.0.1" }], qosClass: "BestEffort", observedGeneration: 2 });
  });
  it("keeps the quality of service class and ended containers", () => {
    const ended = { name: "c", state: { terminated: { exitCode: 0 } } };
    const before = stored({ restartPolicy: "Never" }, { containerStatuses: [ended] });
    const asked = cloneJson(before);
    asked.status = { qosClass: "Guaranteed", containerStatuses: [{ name: "c", state: { running: {} } }] };
    expect(write(before, asked).errors).toEqual([
      'FieldValueInvalid status.qosClass: Invalid value: "Guaranteed": field is immutable',
      "FieldValueForbidden status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state",
    ]);
  });
});

describe("a Pod's ephemeral containers", () => {
  const strategy = podKind.subresources["ephemeralcontainers"];
  const write = (before: Pod, next: Pod): string[] => {
    podKind.defaults(next);
    strategy?.prepare(next, before, testContext);
    return causesOf(strategy?.validate(next, before, testContext) ?? []);
  };
  it("may be added, and nothing else", () => {
    const before = stored();
    const next = cloneJson(before);
    next.spec = { ...next.spec, hostname: "other", ephemeralContainers: [{ name: "debug", image: "busybox:1", targetContainerName: "c" }] };
    expect(write(before, next)).toEqual([]);
    expect(next.spec.hostname).toBeUndefined();
    expect(next.metadata?.generation).toBe(4);
  });
  it("may not go again", () => {
    const before = stored();
    before.spec = { ...before.spec, ephemeralContainers: [{ name: "debug", image: "busybox:1" }] };
    podKind.defaults(before);
    const next = cloneJson(before);
    next.spec = { ...next.spec, ephemeralContainers: [] };
    expect(write(before, next)).toEqual([
      'FieldValueForbidden spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed\n',
    ]);
  });
});

describe("a resize of a Pod", () => {
  const strategy = podKind.subresources["resize"];
  const resources = { requests: { cpu: "100m", memory: "64Mi" }, limits: { cpu: "200m", memory: "64Mi" } };
  const resize = (to: Container["resources"]): { next: Pod; errors: string[] } => {
    const before = stored({ containers: [{ name: "c", image: "busybox:1", resources }] });
    const next = cloneJson(before);
    for (const container of next.spec?.containers ?? []) {
      container.resources = to ?? {};
      container.image = "ignored:1";
    }
    podKind.defaults(next);
    strategy?.prepare(next, before, testContext);
    return { next, errors: causesOf(strategy?.validate(next, before, testContext) ?? []) };
  };
  it("changes CPU and memory, and ignores the rest", () => {
    const { next, errors } = resize({ requests: { cpu: "150m", memory: "64Mi" }, limits: { cpu: "300m", memory: "128Mi" } });
    expect(errors).toEqual([]);
    expect(next.spec?.containers?.[0]).toMatchObject({ image: "busybox:1", resources: { limits: { cpu: "300m" } } });
    expect(next.metadata?.generation).toBe(4);
  });
  it("may not change the quality of service class or remove anything", () => {
    expect(resize({ requests: { cpu: "200m", memory: "64Mi" }, limits: resources.limits }).errors).toEqual([
      'FieldValueInvalid spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    ]);
    expect(resize({ requests: resources.requests, limits: { memory: "64Mi" } }).errors).toEqual([
      "FieldValueForbidden spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed",
    ]);
  });
});
