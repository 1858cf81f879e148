// TaintNodesByCondition: a new node takes no pods before it says that it is ready.
// As upstream: plugin/pkg/admission/nodetaint/admission.go.
import type { Node } from "../kinds/_generated/types.ts";
import type { AdmissionPlugin } from "./plugin.ts";

const NOT_READY = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

export const taintNodesByCondition: AdmissionPlugin = {
  name: "TaintNodesByCondition",
  facts: [],
  handles: (resource, operation, subresource) => resource === "/nodes" && operation === "CREATE" && subresource === "",
  admit(request) {
    const node: Node = request.object ?? {};
    const spec = (node.spec ??= {});
    if (spec.taints?.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) return undefined;
    spec.taints = [...(spec.taints ?? []), { ...NOT_READY }];
    return undefined;
  },
};
