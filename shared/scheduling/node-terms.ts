// Do a node's labels and name satisfy a selector, a selector term, or the tolerations of a pod?
import type { NodeSelectorRequirement, Taint, Toleration } from "../kinds/_generated/types.ts";
import type { NodeTerm, PodShape } from "./views.ts";

type Labels = Readonly<Record<string, string>>;
interface Place {
  readonly name: string;
  readonly labels: Labels;
}

const MAX_INT64 = 9_223_372_036_854_775_807n;
/** An integer as strconv.ParseInt reads it; undefined when it is none. */
function integer(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?[0-9]{1,19}$/.test(text)) return undefined;
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return value > MAX_INT64 || value < -MAX_INT64 - 1n ? undefined : value;
}

function holds(requirement: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (requirement.operator) {
    case "In":
      return value !== undefined && (requirement.values ?? []).includes(value);
    case "NotIn":
      return value === undefined || !(requirement.values ?? []).includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
    case "Lt": {
      const left = integer(value);
      const right = integer(requirement.values?.[0]);
      if (left === undefined || right === undefined) return false;
      return requirement.operator === "Gt" ? left > right : left < right;
    }
    default:
      return false;
  }
}

/** A term without any requirement matches nothing (upstream: component-helpers nodeaffinity.go). */
export function matchesNodeTerm(term: NodeTerm, node: Place): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  for (const one of matchExpressions) if (!holds(one, node.labels[one.key ?? ""])) return false;
  for (const one of matchFields) if (one.key !== "metadata.name" || !holds(one, node.name)) return false;
  return true;
}
/** Terms are alternatives. */
export const matchesNodeTerms = (terms: readonly NodeTerm[], node: Place): boolean => terms.some((term) => matchesNodeTerm(term, node));

/** nodeSelector and required node affinity together. */
export function matchesNodeAffinity(shape: Pick<PodShape, "nodeSelector" | "requiredNodes">, node: Place): boolean {
  for (const key in shape.nodeSelector) if (node.labels[key] !== shape.nodeSelector[key]) return false;
  return shape.requiredNodes === undefined || matchesNodeTerms(shape.requiredNodes, node);
}

/** As upstream: k8s.io/api/core/v1/toleration.go ToleratesTaint. */
export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator || "Equal") {
    case "Exists":
      return true;
    case "Equal":
      return (toleration.value ?? "") === (taint.value ?? "");
    default:
      return false;
  }
}
export const toleratesAll = (tolerations: readonly Toleration[] | undefined, taint: Taint): boolean =>
  (tolerations ?? []).some((toleration) => toleratesTaint(toleration, taint));

/** Whether a taint keeps pods with these tolerations from being scheduled. */
export const keepsOff = (taints: readonly Taint[], tolerations: readonly Toleration[] | undefined): boolean =>
  taints.some((taint) => (taint.effect === "NoSchedule" || taint.effect === "NoExecute") && !toleratesAll(tolerations, taint));
