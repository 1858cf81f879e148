// NamespaceLifecycle: nothing is made where there is no namespace or where one is going away; some namespaces stay.
// As upstream: apiserver pkg/admission/plugin/namespace/lifecycle/admission.go.
import { notFoundStatus } from "../errors/status.ts";
import type { Namespace } from "../kinds/_generated/types.ts";
import { forbid } from "./forbid.ts";
import type { AdmissionPlugin } from "./plugin.ts";

const NAMESPACES = "/namespaces";
const IMMORTAL = new Set(["default", "kube-system", "kube-public"]);
/** Answers about a namespace, which need none to be there. */
const REVIEWS = "authorization.k8s.io/localsubjectaccessreviews";

export const namespaceLifecycle: AdmissionPlugin = {
  name: "NamespaceLifecycle",
  facts: [NAMESPACES],
  handles: (resource, operation) => (operation === "DELETE" ? resource === NAMESPACES : operation !== "CONNECT" && resource !== NAMESPACES),
  admit(request, facts) {
    const { kind, operation, namespace, name } = request;
    const resource = `${kind.group}/${kind.resource}`;
    if (resource === NAMESPACES) {
      return operation === "DELETE" && request.subresource === "" && IMMORTAL.has(name) ? forbid(request, "this namespace may not be deleted") : undefined;
    }
    if (!kind.namespaced || namespace === "" || operation === "DELETE" || resource === REVIEWS) return undefined;
    const found: Namespace | undefined = facts.get(NAMESPACES, "", namespace);
    if (!found) return notFoundStatus({ group: "", resource: "namespaces" }, namespace);
    if (operation !== "CREATE" || found.status?.phase !== "Terminating") return undefined;
    const refusal = forbid(request, `unable to create new content in namespace ${namespace} because it is being terminated`);
    const cause = {
      reason: "NamespaceTerminating",
      message: `namespace ${namespace} is being terminated`,
      field: "metadata.namespace",
    };
    return { ...refusal, details: { ...refusal.details, causes: [cause] } };
  },
};
