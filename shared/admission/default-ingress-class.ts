// DefaultIngressClass: an ingress that names no class gets the default one.
// As upstream: plugin/pkg/admission/network/defaultingressclass/admission.go.
import type { Ingress } from "../kinds/_generated/types.ts";
import { defaultClassName } from "./default-classes.ts";
import type { AdmissionPlugin } from "./plugin.ts";

const CLASSES = "networking.k8s.io/ingressclasses";
const MARKS = ["ingressclass.kubernetes.io/is-default-class"];
const OLD_ANNOTATION = "kubernetes.io/ingress.class";

export const defaultIngressClass: AdmissionPlugin = {
  name: "DefaultIngressClass",
  facts: [CLASSES],
  handles: (resource, operation, subresource) => resource === "networking.k8s.io/ingresses" && operation === "CREATE" && subresource === "",
  admit(request, facts) {
    const ingress: Ingress = request.object ?? {};
    if (ingress.spec?.ingressClassName !== undefined || ingress.metadata?.annotations?.[OLD_ANNOTATION] !== undefined) return undefined;
    const name = defaultClassName(facts.list(CLASSES), MARKS);
    if (name !== undefined) (ingress.spec ??= {}).ingressClassName = name;
    return undefined;
  },
};
