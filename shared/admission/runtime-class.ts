// RuntimeClass: a pod gets the overhead, node selector and tolerations of its runtime class.
// As upstream: plugin/pkg/admission/runtimeclass/admission.go, pkg/util/tolerations/tolerations.go.
import { equalJson } from "../base/json.ts";
import type { Pod, RuntimeClass, Toleration } from "../kinds/_generated/types.ts";
import { compareQuantity } from "../meta/quantity.ts";
import type { Status } from "../errors/status.ts";
import { forbid } from "./forbid.ts";
import type { AdmissionPlugin, AdmissionRequest, PolicyFacts } from "./plugin.ts";

const CLASSES = "node.k8s.io/runtimeclasses";
type Overhead = Readonly<Record<string, string | number>>;

function sameOverhead(a: Overhead = {}, b: Overhead = {}): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && compareQuantity(a[name], b[name]) === 0);
}
/** Whether all that `t` tolerates is tolerated by `wide`. */
function isSuperset(wide: Toleration, t: Toleration): boolean {
  if (equalJson(wide, t)) return true;
  const anyKey = !wide.key && wide.operator === "Exists";
  if ((wide.key ?? "") !== (t.key ?? "") && !anyKey) return false;
  if (wide.effect && wide.effect !== (t.effect ?? "")) return false;
  if (wide.effect === "NoExecute" && wide.tolerationSeconds !== undefined) {
    if (t.tolerationSeconds === undefined || t.tolerationSeconds > wide.tolerationSeconds) return false;
  }
  if (wide.operator === "Exists") return true;
  const equal = (operator: string | undefined): boolean => !operator || operator === "Equal";
  return equal(wide.operator) && equal(t.operator) && (wide.value ?? "") === (t.value ?? "");
}
function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  all.forEach((t, i) => {
    if (merged.some((known) => isSuperset(known, t))) return;
    if (all.slice(i + 1).some((later) => !equalJson(t, later) && isSuperset(later, t))) return;
    merged.push(t);
  });
  return merged;
}

interface Found {
  readonly runtimeClass?: RuntimeClass | undefined;
  readonly refusal?: Status;
}
function classOf(request: AdmissionRequest, pod: Pod, facts: PolicyFacts): Found {
  const name = pod.spec?.runtimeClassName;
  if (name === undefined) return {};
  const runtimeClass: RuntimeClass | undefined = facts.get(CLASSES, "", name);
  return runtimeClass ? { runtimeClass } : { refusal: forbid(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`) };
}
const MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

function applyScheduling(request: AdmissionRequest, pod: Pod, { scheduling }: RuntimeClass): Status | undefined {
  if (!scheduling) return undefined;
  const spec = (pod.spec ??= {});
  const selector = { ...spec.nodeSelector };
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    const own = Object.hasOwn(selector, key) ? selector[key] : undefined;
    if (own !== undefined && own !== value) {
      const [theirs, ours] = [`runtimeClass.scheduling.nodeSelector[${key}] = ${value}`, `pod.spec.nodeSelector[${key}] = ${own}`];
      return forbid(request, `conflict: ${theirs}; ${ours}`);
    }
    selector[key] = value;
  }
  if (Object.keys(selector).length > 0) spec.nodeSelector = selector;
  const tolerations = mergeTolerations(spec.tolerations ?? [], scheduling.tolerations ?? []);
  if (tolerations.length > 0) spec.tolerations = tolerations;
  return undefined;
}

export const runtimeClass: AdmissionPlugin = {
  name: "RuntimeClass",
  facts: [CLASSES],
  handles: (resource, operation, subresource) => resource === "/pods" && operation === "CREATE" && subresource === "",
  admit(request, facts) {
    const pod: Pod = request.object ?? {};
    const found = classOf(request, pod, facts);
    if (!found.runtimeClass) return found.refusal;
    const podFixed = found.runtimeClass.overhead?.podFixed;
    if (found.runtimeClass.overhead) {
      const spec = (pod.spec ??= {});
      if (Object.keys(spec.overhead ?? {}).length > 0 && !sameOverhead(podFixed, spec.overhead)) return forbid(request, MISMATCH);
      if (podFixed) spec.overhead = { ...podFixed };
      else delete spec.overhead;
    }
    return applyScheduling(request, pod, found.runtimeClass);
  },
  validate(request, facts) {
    const pod: Pod = request.object ?? {};
    const found = classOf(request, pod, facts);
    if (found.refusal) return found.refusal;
    const wanted = found.runtimeClass?.overhead;
    if (wanted) return sameOverhead(wanted.podFixed, pod.spec?.overhead) ? undefined : forbid(request, MISMATCH);
    if (pod.spec?.overhead === undefined) return undefined;
    return forbid(request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
  },
};
