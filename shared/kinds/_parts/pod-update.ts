// What a PUT of a Pod may change (upstream: validation.go, ValidatePodUpdate).
import { cloneJson, equalJson, type Json } from "../../base/json.ts";
import { forbidden, invalid, required } from "../../errors/field-error.ts";
import { isInRange } from "../../meta/names.ts";
import type { Container, NodeAffinity, NodeSelectorTerm, Pod, PodSpec, Toleration } from "../_generated/types.ts";
import { type Errors, invalidEach } from "./check.ts";
import { internalJson, internalPodSpecText, samePodSpec } from "./internal-json.ts";
import { APPARMOR_PREFIX, MIRROR_POD } from "./pod-annotations.ts";
import { checkPod, podRulesBeside } from "./pod-validate.ts";
import { unifiedDiff } from "./unified-diff.ts";
import { checkImageSpace } from "./validate-container.ts";
import { checkTolerations } from "./validate-scheduling.ts";

const INT32_MAX = 2 ** 31 - 1;
const MUTABLE = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",");

/** Annotations that are fixed once the pod exists (upstream: ValidatePodSpecificAnnotationUpdates). */
export function checkAnnotationUpdates(errors: Errors, next: Pod, stored: Pod): void {
  const before = stored.metadata?.annotations ?? {};
  const after = next.metadata?.annotations ?? {};
  const tell = (key: string, verb: string): void => {
    const field = `metadata.annotations[${key}]`;
    if (key.startsWith(APPARMOR_PREFIX)) errors.push(forbidden(field, `may not ${verb} AppArmor annotations`));
    if (key === MIRROR_POD) errors.push(forbidden(field, `may not ${verb} mirror pod annotation`));
  };
  for (const key in before) if (after[key] !== before[key]) tell(key, "remove or update");
  for (const key in after) if (before[key] === undefined) tell(key, "add");
}

/** False stops all further checks. */
function checkContainerUpdates(errors: Errors, field: string, next: readonly Container[], stored: readonly Container[]): boolean {
  if (next.length !== stored.length) {
    errors.push(forbidden(field, "pod updates may not add or remove containers"));
    return false;
  }
  next.forEach((container, i) => {
    if (!container.image) errors.push(required(`${field}[${i}].image`));
    checkImageSpace(errors, `${field}[${i}]`, container.image);
  });
  return true;
}
function checkDeadline(errors: Errors, next: number | undefined, stored: number | undefined): boolean {
  const field = "spec.activeDeadlineSeconds";
  if (next === undefined) {
    if (stored !== undefined) errors.push(invalid(field, null, "must not update from a positive integer to nil value"));
    return true;
  }
  const before = errors.length;
  invalidEach(errors, field, next, isInRange(next, 0, INT32_MAX));
  if (errors.length === before && stored !== undefined && stored < next) {
    errors.push(invalid(field, next, "must be less than or equal to previous value"));
  }
  return errors.length === before;
}
function withoutSeconds(toleration: Toleration): Toleration {
  const { tolerationSeconds: _seconds, ...rest } = toleration;
  return rest;
}
function checkOnlyAddedTolerations(errors: Errors, next: readonly Toleration[], stored: readonly Toleration[], rules: { comparisons: boolean }): void {
  const kept = stored.every((old) => next.some((toleration) => equalJson(withoutSeconds(old), withoutSeconds(toleration))));
  if (kept) checkTolerations(errors, "spec.tolerations", next, rules);
  else errors.push(forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"));
}
function checkOnlyRemovedGates(errors: Errors, next: PodSpec, stored: PodSpec): void {
  const known = new Set(stored.schedulingGates?.map((gate) => gate.name ?? ""));
  next.schedulingGates?.forEach(({ name = "" }, i) => {
    const last = next.schedulingGates?.findLastIndex((gate) => gate.name === name);
    if (known.has(name) || last !== i) return;
    errors.push(forbidden(`spec.schedulingGates[${i}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`));
  });
}

function onlyAdds(next: NodeSelectorTerm, stored: NodeSelectorTerm): boolean {
  const lists = ["matchExpressions", "matchFields"] as const;
  if (lists.every((list) => !stored[list]?.length)) return lists.every((list) => !next[list]?.length);
  return lists.every((list) => equalJson((next[list] ?? []).slice(0, stored[list]?.length ?? 0), stored[list] ?? []));
}
/** While a pod is gated its node affinity may become narrower. */
function checkNarrowerAffinity(errors: Errors, next: NodeAffinity | undefined, stored: NodeAffinity | undefined): void {
  const field = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
  const before = stored?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!before) return;
  const oldTerms = before.nodeSelectorTerms ?? [];
  const terms = next?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const shown = (term: NodeSelectorTerm): Json => internalJson("NodeSelectorTerm", term);
  if (oldTerms.length > 0 && oldTerms.length !== (terms?.length ?? 0)) {
    const detail = "no additions/deletions to non-empty NodeSelectorTerms list are allowed";
    errors.push(invalid(field, terms ? terms.map(shown) : null, detail));
    return;
  }
  oldTerms.forEach((old, i) => {
    const term = terms?.[i] ?? {};
    if (!onlyAdds(term, old)) errors.push(invalid(`${field}[${i}]`, shown(term), "only additions are allowed (no mutations or deletions)"));
  });
}
/** Puts back in `munged` what a gated pod may change, after checking how. */
function allowGatedChanges(errors: Errors, munged: PodSpec, stored: PodSpec): void {
  if (!equalJson(munged.nodeSelector ?? {}, stored.nodeSelector ?? {})) {
    const kept = Object.entries(stored.nodeSelector ?? {}).every(([key, value]) => munged.nodeSelector?.[key] === value);
    const detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
    if (!kept) errors.push(invalid("spec.nodeSelector", munged.nodeSelector ?? null, detail));
    restore(munged, stored, "nodeSelector");
  }
  const before = stored.affinity?.nodeAffinity;
  const after = munged.affinity?.nodeAffinity;
  if (equalJson(before, after)) return;
  checkNarrowerAffinity(errors, after, before);
  const { nodeAffinity: _, ...others } = munged.affinity ?? {};
  const affinity = { ...others, ...(before ? { nodeAffinity: before } : {}) };
  if (stored.affinity || Object.keys(affinity).length > 0) munged.affinity = affinity;
  else delete munged.affinity;
}
function restore<K extends keyof PodSpec>(munged: PodSpec, stored: PodSpec, key: K): void {
  const value = stored[key];
  if (value === undefined) delete munged[key];
  else munged[key] = value;
}
function restoreImages(munged: readonly Container[] | undefined, stored: readonly Container[] | undefined): void {
  munged?.forEach((container, i) => {
    const image = stored?.[i]?.image;
    if (image !== undefined) container.image = image;
  });
}
/** What is left different once all that may change is put back must not be. */
function checkRestUnchanged(errors: Errors, next: PodSpec, stored: PodSpec): void {
  if (samePodSpec(next, stored)) return;
  const munged = cloneJson(next);
  restoreImages(munged.containers, stored.containers);
  restoreImages(munged.initContainers, stored.initContainers);
  for (const key of ["activeDeadlineSeconds", "schedulingGates", "tolerations"] as const) restore(munged, stored, key);
  if ((stored.terminationGracePeriodSeconds ?? 0) < 0 && munged.terminationGracePeriodSeconds === 1) {
    restore(munged, stored, "terminationGracePeriodSeconds");
  }
  if (stored.schedulingGates?.length) allowGatedChanges(errors, munged, stored);
  if (samePodSpec(munged, stored)) return;
  const diff = unifiedDiff(internalPodSpecText(stored), internalPodSpecText(munged));
  errors.push(forbidden("spec", `pod updates may not change fields other than ${MUTABLE}\n${diff}`));
}

export function podUpdateErrors(next: Pod, stored: Pod): Errors {
  const errors: Errors = [];
  const rules = podRulesBeside(stored);
  const { spec = {} } = next;
  const { spec: old = {} } = stored;
  checkPod(errors, next, rules);
  checkAnnotationUpdates(errors, next, stored);
  const go =
    checkContainerUpdates(errors, "spec.containers", spec.containers ?? [], old.containers ?? []) &&
    checkContainerUpdates(errors, "spec.initContainers", spec.initContainers ?? [], old.initContainers ?? []) &&
    checkDeadline(errors, spec.activeDeadlineSeconds, old.activeDeadlineSeconds);
  if (!go) return errors;
  checkOnlyAddedTolerations(errors, spec.tolerations ?? [], old.tolerations ?? [], rules);
  checkOnlyRemovedGates(errors, spec, old);
  checkRestUnchanged(errors, spec, old);
  return errors;
}
