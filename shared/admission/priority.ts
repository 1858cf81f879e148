// Priority: turns the name of a priority class into a number, and keeps the default class single.
// As upstream: plugin/pkg/admission/priority/admission.go.
import type { Pod, PriorityClass } from "../kinds/_generated/types.ts";
import type { Status } from "../errors/status.ts";
import { forbid } from "./forbid.ts";
import type { AdmissionPlugin, AdmissionRequest, PolicyFacts } from "./plugin.ts";

const CLASSES = "scheduling.k8s.io/priorityclasses";

/** Of several default classes the lowest counts. */
function defaultClass(facts: PolicyFacts): PriorityClass | undefined {
  let lowest: PriorityClass | undefined;
  for (const candidate of facts.list(CLASSES) as readonly PriorityClass[]) {
    if (candidate.globalDefault && (lowest === undefined || (lowest.value ?? 0) > (candidate.value ?? 0))) lowest = candidate;
  }
  return lowest;
}
const notYours = (what: string, computed: string): string =>
  `${what} must not be provided in pod spec; priority admission controller computed ${computed} from the given PriorityClass name`;
const NO_CLASS: PriorityClass = { value: 0, preemptionPolicy: "PreemptLowerPriority" };

function admitNewPod(request: AdmissionRequest, pod: Pod, facts: PolicyFacts): Status | undefined {
  const spec = (pod.spec ??= {});
  const { priorityClassName: name } = spec;
  const found: PriorityClass | undefined = name ? facts.get(CLASSES, "", name) : (defaultClass(facts) ?? NO_CLASS);
  if (!found) return forbid(request, `no PriorityClass with name ${name ?? ""} was found`);
  if (!name && found.metadata?.name) spec.priorityClassName = found.metadata.name;
  const priority = found.value ?? 0;
  if (spec.priority !== undefined && spec.priority !== priority) {
    return forbid(request, notYours(`the integer value of priority (${spec.priority})`, String(priority)));
  }
  spec.priority = priority;
  const policy = found.preemptionPolicy;
  if (policy === undefined) return undefined;
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    return forbid(request, notYours(`the string value of PreemptionPolicy (${spec.preemptionPolicy})`, policy));
  }
  spec.preemptionPolicy = policy;
  return undefined;
}

export const priority: AdmissionPlugin = {
  name: "Priority",
  facts: [CLASSES],
  handles: (resource, operation, subresource) =>
    (resource === "/pods" || resource === CLASSES) && subresource === "" && (operation === "CREATE" || operation === "UPDATE"),
  admit(request, facts) {
    if (request.kind.resource !== "pods") return undefined;
    const pod: Pod = request.object ?? {};
    if (request.operation === "CREATE") return admitNewPod(request, pod, facts);
    const stored: Pod = request.stored ?? {};
    const spec = (pod.spec ??= {});
    if (spec.priority === undefined && stored.spec?.priority !== undefined) spec.priority = stored.spec.priority;
    if (spec.preemptionPolicy === undefined && stored.spec?.preemptionPolicy !== undefined) {
      spec.preemptionPolicy = stored.spec.preemptionPolicy;
    }
    return undefined;
  },
  validate(request, facts) {
    const wanted: PriorityClass = request.object ?? {};
    if (request.kind.resource !== "priorityclasses" || !wanted.globalDefault) return undefined;
    const current = defaultClass(facts);
    const name = current?.metadata?.name ?? "";
    if (!current || (request.operation === "UPDATE" && name === wanted.metadata?.name)) return undefined;
    return forbid(request, `PriorityClass ${name} is already marked as default. Only one default can exist`);
  },
};
