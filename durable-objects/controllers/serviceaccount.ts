// serviceaccount-controller: every active namespace has the ServiceAccount `default`.
// As upstream: pkg/controller/serviceaccount/serviceaccounts_controller.go.
import type { Namespace } from "../../shared/kinds/_generated/types.ts";
import { defineController, NOTHING } from "../../shared/reconcile/controller.ts";
import { isDeleting, nameOf, namespaceOf, plan, type Queries, seen } from "./_parts/world.ts";

const SERVICE_ACCOUNTS = "/serviceaccounts";
const NAME = "default";

export const serviceAccountController = defineController<Namespace>({
  name: "serviceaccount-controller",
  root: "/namespaces",
  triggers: [
    { resource: "/namespaces", hints: (next, old) => (next !== undefined && old === undefined ? [`/${nameOf(next)}`] : []) },
    {
      resource: SERVICE_ACCOUNTS,
      hints: (next, old) => (next === undefined && old !== undefined && nameOf(old) === NAME ? [`/${namespaceOf(old)}`] : []),
    },
  ],
  views: { accounts: { resource: SERVICE_ACCOUNTS, project: nameOf } },
  needs: (_key, ns): Queries => (ns === undefined ? {} : { accounts: { view: "accounts", namespace: nameOf(ns), name: NAME } }),
  reconcile(_key, ns, world) {
    if (ns === undefined || isDeleting(ns) || ns.status?.phase === "Terminating" || seen(world, "accounts").length > 0) return NOTHING;
    const object = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: NAME, namespace: nameOf(ns) } };
    return plan([{ do: "create", resource: SERVICE_ACCOUNTS, object }]);
  },
});
