// pods/eviction: deletes a pod unless a PodDisruptionBudget forbids it. As upstream: pkg/registry/core/pod/storage/eviction.go.
import { badRequest, conflict, failure, methodNotAllowed, notFoundStatus, type Status } from "../../shared/errors/status.ts";
import type { Eviction, Pod, PodDisruptionBudget } from "../../shared/kinds/_generated/types.ts";
import { matchesLabelSelector } from "../../shared/meta/labels.ts";
import { rfc3339 } from "../../shared/meta/time.ts";
import type { WriteRequest } from "../../shared/verbs/write-request.ts";
import { resourceIdOf } from "../../durable-objects/client/names.ts";
import { readObject } from "./body.ts";
import type { ResourceContext } from "./context.ts";
import { respond, respondStatus } from "./respond.ts";
import { writeOptions } from "./write-options.ts";

const PODS = { group: "", resource: "pods" };
const BUDGETS = "policy/poddisruptionbudgets";
const SUCCESS = JSON.stringify({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 });

/** Pods that are over, or were never started, disturb nobody. */
const needsNoBudget = ({ status, metadata }: Pod): boolean =>
  status?.phase === "Succeeded" || status?.phase === "Failed" || status?.phase === "Pending" || metadata?.deletionTimestamp !== undefined;
const isReady = (pod: Pod): boolean => pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;

function refusal(budget: PodDisruptionBudget): Status | undefined {
  const name = budget.metadata?.name ?? "";
  const { status = {} } = budget;
  if ((status.observedGeneration ?? 0) < (budget.metadata?.generation ?? 0)) {
    const message = `Cannot evict pod as it would violate the pod's disruption budget.`;
    const causes = [{ reason: "DisruptionBudget", message: `The disruption budget ${name} is still being processed by the server.` }];
    return failure(429, "TooManyRequests", message, { causes, retryAfterSeconds: 10 });
  }
  if ((status.disruptionsAllowed ?? 0) > 0) return undefined;
  const healthy = `The disruption budget ${name} needs ${status.desiredHealthy ?? 0} healthy pods and has ${status.currentHealthy ?? 0} currently`;
  return failure(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: "DisruptionBudget", message: healthy }],
  });
}

export async function evict(context: ResourceContext): Promise<Response> {
  const { kind, info, stores, user, url, request } = context;
  if (info.verb !== "create") return respondStatus(methodNotAllowed());
  const options = writeOptions(url.searchParams, request, "CreateOptions");
  if (!options.ok) return respondStatus(options.error);
  const decoded = await readObject(request, { group: "policy", version: "v1", kind: "Eviction", schema: "policy.v1.Eviction" }, "Warn");
  if (!decoded.ok) return respondStatus(decoded.error);
  const eviction = decoded.value.object as Eviction;
  if (eviction.metadata?.name && eviction.metadata.name !== info.name) return respondStatus(badRequest("name in URL does not match name in Eviction object"));
  const [text] = await stores.read(kind, [info]);
  if (text === undefined) return respondStatus(notFoundStatus(PODS, info.name));
  const pod = JSON.parse(text) as Pod;
  const wantedUid = eviction.deleteOptions?.preconditions?.uid;
  if (wantedUid !== undefined && wantedUid !== pod.metadata?.uid) {
    const problem = `the UID in the precondition (${wantedUid}) does not match the UID in record (${pod.metadata?.uid ?? ""}). The object might have been deleted and then recreated`;
    return respondStatus(conflict({ group: "", resource: "Pod" }, info.name, problem));
  }
  if (!needsNoBudget(pod)) {
    const refused = await spend(context, pod, options.value.dryRun === true);
    if (refused) return respondStatus(refused);
  }
  const wanted = eviction.deleteOptions ?? {};
  const deletion: WriteRequest = {
    group: kind.group,
    version: kind.version,
    namespace: info.namespace,
    name: info.name,
    user,
    options: options.value,
    verb: "delete",
    delete: {
      uid: pod.metadata?.uid ?? "",
      ...(wanted.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: wanted.gracePeriodSeconds }),
    },
  };
  const [result] = await stores.write(resourceIdOf(kind), [deletion]);
  if (result && !result.ok) return respondStatus(result.status);
  return respond({ code: 201, text: SUCCESS });
}

/** Takes one disruption from the pod's budget; a Status when there is none left. */
async function spend(context: ResourceContext, pod: Pod, dryRun: boolean): Promise<Status | undefined> {
  const { stores, info, user, bricks } = context;
  const [found = []] = await stores.query<PodDisruptionBudget>(BUDGETS, [{ view: "text", namespace: info.namespace }]);
  const budgets = found.filter((budget) => matchesLabelSelector(budget.spec?.selector, pod.metadata?.labels ?? {}));
  if (budgets.length > 1)
    return failure(500, "InternalError", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
  const [budget] = budgets;
  if (!budget) return undefined;
  const { status = {}, spec = {} } = budget;
  const healthyEnough = (status.currentHealthy ?? 0) >= (status.desiredHealthy ?? 0) && (status.desiredHealthy ?? 0) > 0;
  if (!isReady(pod) && (spec.unhealthyPodEvictionPolicy === "AlwaysAllow" || healthyEnough)) return undefined;
  const refused = refusal(budget);
  if (refused || dryRun) return refused;
  const disruptedPods = { ...status.disruptedPods, [info.name]: rfc3339(bricks.ports.now()) };
  const patch = {
    metadata: { resourceVersion: budget.metadata?.resourceVersion },
    status: { disruptionsAllowed: (status.disruptionsAllowed ?? 0) - 1, disruptedPods },
  };
  const [result] = await stores.write(BUDGETS, [
    {
      group: "policy",
      version: "v1",
      namespace: info.namespace,
      name: budget.metadata?.name ?? "",
      user,
      verb: "patch",
      subresource: "status",
      patchType: "merge",
      text: JSON.stringify(patch),
      options: { fieldManager: "kube-apiserver" },
    },
  ]);
  if (!result || result.ok) return undefined;
  // Somebody else spent it first: the client tries again.
  return result.status.code === 409 ? failure(429, "TooManyRequests", result.status.message ?? "", { retryAfterSeconds: 1 }) : result.status;
}
