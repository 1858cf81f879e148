// DefaultTolerationSeconds: pods stay five minutes on a node that is not ready or cannot be reached.
// As upstream: plugin/pkg/admission/defaulttolerationseconds/admission.go.
import type { Pod } from "../kinds/_generated/types.ts";
import type { AdmissionPlugin } from "./plugin.ts";

const SECONDS = 300;
const TAINTS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: "DefaultTolerationSeconds",
  facts: [],
  handles: (resource, operation, subresource) => resource === "/pods" && subresource === "" && (operation === "CREATE" || operation === "UPDATE"),
  admit(request) {
    const pod: Pod = request.object ?? {};
    const given = pod.spec?.tolerations ?? [];
    const missing = TAINTS.filter((taint) => !given.some(({ key, effect }) => (!key || key === taint) && (!effect || effect === "NoExecute")));
    if (missing.length === 0) return undefined;
    const added = missing.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: SECONDS }));
    (pod.spec ??= {}).tolerations = [...given, ...added];
    return undefined;
  },
};
