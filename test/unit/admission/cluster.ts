// A small cluster for admission plugins, and a way to run all of them over one write, as a server does.
import { ADMISSION } from "../../../shared/admission/index.ts";
import type { AdmissionRequest, PolicyFacts } from "../../../shared/admission/plugin.ts";
import type { FieldError } from "../../../shared/errors/field-error.ts";
import type { Status } from "../../../shared/errors/status.ts";
import type { AnyKind, KubeObject } from "../../../shared/kinds/define-kind.ts";
import { testContext } from "../../support/facts.ts";

export type Objects = Readonly<Record<string, readonly KubeObject[]>>;
const account = (namespace: string, name: string): KubeObject => ({ metadata: { namespace, name } });
const NAMESPACES = ["default", "facts-val", "facts-def"];
/** What the recording server had. */
export const RECORDED: Objects = {
  "/namespaces": NAMESPACES.map((name) => ({ metadata: { name }, status: { phase: "Active" } }) as KubeObject),
  "/serviceaccounts": [...NAMESPACES.map((namespace) => account(namespace, "default")), account("facts-def", "facts-sa")],
  "scheduling.k8s.io/priorityclasses": [
    { metadata: { name: "system-cluster-critical" }, value: 2_000_000_000, preemptionPolicy: "PreemptLowerPriority" } as KubeObject,
    { metadata: { name: "system-node-critical" }, value: 2_000_001_000, preemptionPolicy: "PreemptLowerPriority" } as KubeObject,
  ],
};
export const policyFacts = (objects: Objects): PolicyFacts => ({
  get: (resource, namespace, name) => objects[resource]?.find(({ metadata }) => metadata?.name === name && (metadata?.namespace ?? "") === namespace),
  list: (resource, namespace) => (objects[resource] ?? []).filter(({ metadata }) => namespace === undefined || metadata?.namespace === namespace),
});

export type Write = Pick<AdmissionRequest, "kind"> & Partial<AdmissionRequest>;
function request(write: Write): AdmissionRequest {
  const metadata = (write.object ?? write.stored)?.metadata;
  return {
    operation: "CREATE",
    subresource: "",
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    object: undefined,
    stored: undefined,
    context: testContext,
    ...write,
  };
}
/** Runs one phase of the plugins; answers the first refusal. */
export function run(phase: "admit" | "validate", write: Write, objects: Objects = RECORDED): Status | undefined {
  const asked = request(write);
  for (const plugin of ADMISSION) {
    if (!plugin.handles(`${asked.kind.group}/${asked.kind.resource}`, asked.operation, asked.subresource)) continue;
    const refused = plugin[phase]?.(asked, policyFacts(objects));
    if (refused) return refused;
  }
  return undefined;
}
/** A whole creation: defaults, plugins, preparation, validation, plugins. */
export function create(kind: AnyKind, object: KubeObject, objects: Objects = RECORDED): { refused?: Status | undefined; errors: FieldError[] } {
  kind.defaults(object);
  const refused = run("admit", { kind, object }, objects);
  if (refused) return { refused, errors: [] };
  kind.prepareForCreate(object, testContext);
  const errors = kind.validate(object, testContext);
  return { refused: errors.length > 0 ? undefined : run("validate", { kind, object }, objects), errors };
}
