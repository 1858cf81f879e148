// Who may do what: only the admin may do anything, until there is RBAC.
import type { RequestInfo } from "../../shared/api/request-info.ts";
import { failure, forbiddenStatus, type Status } from "../../shared/errors/status.ts";
import { mayDoEverything } from "./authenticate.ts";
import type { User } from "./context.ts";

const REVIEWS = new Set(["selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"]);
/** What the roles system:discovery and system:basic-user allow to everybody with a name: to look around, and to ask about oneself. */
function isForEverybody(info: RequestInfo): boolean {
  if (!info.isResource) return /^\/(api|apis|openapi|version|healthz|livez|readyz)(\/|$)/.test(info.path);
  return info.verb === "create" && REVIEWS.has(info.resource);
}

/** Only the admin may do anything; rules for others come with RBAC. */
export function authorize(user: User, method: string, info: RequestInfo): Status | undefined {
  if (mayDoEverything(user)) return undefined;
  if (user.groups.includes("system:authenticated") && isForEverybody(info)) return undefined;
  if (!info.isResource) {
    return failure(403, "Forbidden", `forbidden: User ${JSON.stringify(user.username)} cannot ${method.toLowerCase()} path ${JSON.stringify(info.path)}`, {});
  }
  // A request about a namespace counts as one inside of it (upstream: requestinfo.go).
  const namespace = info.resource === "namespaces" ? info.name : info.namespace;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  const resource = info.subresource === "" ? info.resource : `${info.resource}/${info.subresource}`;
  const what = `User ${JSON.stringify(user.username)} cannot ${info.verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(info.group)} ${where}`;
  const ref = { group: info.group, resource: info.resource };
  const status = forbiddenStatus(ref, info.name, what);
  return info.name === "" ? { ...status, message: (status.message ?? "").replace(` ""`, "") } : status;
}
