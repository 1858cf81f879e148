// LimitRanger: default requests and limits of a namespace, and its least and most for containers, pods and claims.
// As upstream: plugin/pkg/admission/limitranger/admission.go.
import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod, PodSpec } from "../kinds/_generated/types.ts";
import { aggregateResources } from "../kinds/_parts/resource-sums.ts";
import { amountOf, canonical, milli, type QuantityJson, type ResourceList } from "../kinds/_parts/quantities.ts";
import { aggregate, forbid } from "./forbid.ts";
import type { AdmissionPlugin, AdmissionRequest, PolicyFacts } from "./plugin.ts";

const LIMIT_RANGES = "/limitranges";
const ANNOTATION = "kubernetes.io/limit-ranger";

function containerDefaults(range: LimitRange): { requests: ResourceList; limits: ResourceList } {
  const out = { requests: {} as ResourceList, limits: {} as ResourceList };
  for (const item of range.spec?.limits ?? []) {
    if (item.type !== "Container") continue;
    Object.assign(out.requests, item.defaultRequest);
    Object.assign(out.limits, item.default);
  }
  return out;
}
/** Adds what is missing; answers the names of what was added, sorted. */
function addMissing(list: ResourceList, defaults: ResourceList): string[] {
  const added = Object.keys(defaults).filter((name) => amountOf(list, name) === undefined);
  for (const name of added) list[name] = defaults[name] ?? 0;
  return added.sort();
}
function applyDefaults(pod: Pod, range: LimitRange): void {
  const defaults = containerDefaults(range);
  const notes: string[] = [];
  const apply = (what: string, containers: readonly Container[] | undefined): void => {
    for (const container of containers ?? []) {
      const resources = (container.resources ??= {});
      const limits = resources.limits ?? {};
      const requests = resources.requests ?? {};
      const setLimits = addMissing(limits, defaults.limits);
      const setRequests = addMissing(requests, defaults.requests);
      if (Object.keys(limits).length > 0) resources.limits = limits;
      if (Object.keys(requests).length > 0) resources.requests = requests;
      if (setRequests.length > 0) notes.push(`${setRequests.join(", ")} request for ${what} ${container.name ?? ""}`);
      if (setLimits.length > 0) notes.push(`${setLimits.join(", ")} limit for ${what} ${container.name ?? ""}`);
    }
  };
  apply("container", pod.spec?.containers);
  apply("init container", pod.spec?.initContainers);
  if (notes.length === 0) return;
  ((pod.metadata ??= {}).annotations ??= {})[ANNOTATION] = `LimitRanger plugin set: ${notes.join("; ")}`;
}

interface Amounts {
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}
type Entry = readonly [name: string, bound: QuantityJson];
const entries = (list: ResourceList | undefined): Entry[] => Object.entries(list ?? {});

function belowMin(type: string, [name, bound]: Entry, { requests, limits }: Amounts): string | undefined {
  const [request, limit] = [amountOf(requests, name), amountOf(limits, name)];
  const text = `minimum ${name} usage per ${type} is ${canonical(bound)}`;
  if (request === undefined) return `${text}.  No request is specified`;
  if (milli(request) < milli(bound)) return `${text}, but request is ${canonical(request)}`;
  return limit !== undefined && milli(limit) < milli(bound) ? `${text}, but limit is ${canonical(limit)}` : undefined;
}
function aboveMax(type: string, [name, bound]: Entry, { requests, limits }: Amounts): string | undefined {
  const [request, limit] = [amountOf(requests, name), amountOf(limits, name)];
  const text = `maximum ${name} usage per ${type} is ${canonical(bound)}`;
  if (limit === undefined) return `${text}.  No limit is specified`;
  if (milli(limit) > milli(bound)) return `${text}, but limit is ${canonical(limit)}`;
  return request !== undefined && milli(request) > milli(bound) ? `${text}, but request is ${canonical(request)}` : undefined;
}
function requestAboveMax(type: string, [name, bound]: Entry, requests: ResourceList): string | undefined {
  const request = amountOf(requests, name);
  const text = `maximum ${name} usage per ${type} is ${canonical(bound)}`;
  if (request === undefined) return `${text}.  No request is specified`;
  return milli(request) > milli(bound) ? `${text}, but request is ${canonical(request)}` : undefined;
}
function aboveRatio(type: string, [name, bound]: Entry, { requests, limits }: Amounts): string | undefined {
  const request = milli(amountOf(requests, name) ?? 0);
  const limit = milli(amountOf(limits, name) ?? 0);
  const text = `${name} max limit to request ratio per ${type} is ${canonical(bound)}`;
  if (request === 0) return `${text}, but no request is specified or request is 0`;
  if (limit === 0) return `${text}, but no limit is specified or limit is 0`;
  return (limit / request) * 1000 > milli(bound) ? `${text}, but provided ratio is ${(limit / request).toFixed(6)}` : undefined;
}
function violations(item: LimitRangeItem, amounts: Amounts): string[] {
  const type = item.type ?? "";
  return [
    ...entries(item.min).map((entry) => belowMin(type, entry, amounts)),
    ...entries(item.max).map((entry) => aboveMax(type, entry, amounts)),
    ...entries(item.maxLimitRequestRatio).map((entry) => aboveRatio(type, entry, amounts)),
  ].filter((text) => text !== undefined);
}
/** CPU and memory may be given for the pod as a whole. */
function podAmounts(spec: PodSpec): Amounts {
  const whole = (which: "requests" | "limits"): ResourceList => {
    const sums: ResourceList = aggregateResources(spec, which);
    for (const name of ["cpu", "memory"]) {
      const given = spec.resources?.[which]?.[name];
      if (given !== undefined) sums[name] = given;
    }
    return sums;
  };
  return { requests: whole("requests"), limits: whole("limits") };
}
function podViolations(range: LimitRange, spec: PodSpec): string[] {
  return (range.spec?.limits ?? []).flatMap((item) => {
    if (item.type === "Pod") return violations(item, podAmounts(spec));
    if (item.type !== "Container") return [];
    const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
    return containers.flatMap(({ resources }) => violations(item, { requests: resources?.requests ?? {}, limits: resources?.limits ?? {} }));
  });
}
function claimViolations(range: LimitRange, claim: PersistentVolumeClaim): string[] {
  const requests = claim.spec?.resources?.requests ?? {};
  return (range.spec?.limits ?? []).flatMap((item) => {
    if (item.type !== "PersistentVolumeClaim") return [];
    const type = item.type;
    return [
      ...entries(item.min).map((entry) => belowMin(type, entry, { requests, limits: {} })),
      ...entries(item.max).map((entry) => requestAboveMax(type, entry, requests)),
    ].filter((text) => text !== undefined);
  });
}

/** What is already being deleted is left in peace. */
const rangesFor = (request: AdmissionRequest, facts: PolicyFacts): readonly LimitRange[] =>
  request.stored?.metadata?.deletionTimestamp === undefined ? facts.list(LIMIT_RANGES, request.namespace) : [];

export const limitRanger: AdmissionPlugin = {
  name: "LimitRanger",
  facts: [LIMIT_RANGES],
  handles(resource, operation, subresource) {
    if (resource === "/pods") return (operation === "CREATE" && subresource === "") || (operation === "UPDATE" && subresource === "resize");
    return resource === "/persistentvolumeclaims" && subresource === "" && (operation === "CREATE" || operation === "UPDATE");
  },
  admit(request, facts) {
    if (request.kind.resource !== "pods" || !request.object) return undefined;
    for (const range of rangesFor(request, facts)) applyDefaults(request.object, range);
    return undefined;
  },
  validate(request, facts) {
    const object: Pod & PersistentVolumeClaim = (request.object ?? {}) as Pod & PersistentVolumeClaim;
    for (const range of rangesFor(request, facts)) {
      const found = request.kind.resource === "pods" ? podViolations(range, object.spec ?? {}) : claimViolations(range, object);
      if (found.length > 0) return forbid(request, aggregate(found));
    }
    return undefined;
  },
};
