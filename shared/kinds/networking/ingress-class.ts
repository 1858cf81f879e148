// IngressClass of networking.k8s.io/v1. As upstream: pkg/apis/networking/validation/validation.go ValidateIngressClass.
import { type FieldError, forbidden, notSupported, required, tooLong } from "../../errors/field-error.ts";
import { nameIsDNSSubdomain, isDNS1123Label, validateDomainPrefixedPath } from "../../meta/names.ts";
import { byteLength } from "../../meta/text.ts";
import type { IngressClass, IngressClassParametersReference } from "../_generated/types.ts";
import { immutable, messages } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateTypedReference } from "./ingress.ts";

const CONTROLLER_BYTES_MAX = 250;

function validateParameters(parameters: IngressClassParametersReference, field: string): FieldError[] {
  const { namespace } = parameters;
  const scope = parameters.scope ?? undefined;
  const errors = validateTypedReference(parameters, field);
  if (scope === undefined) return [...errors, required(`${field}.scope`)];
  if (scope !== "Cluster" && scope !== "Namespace") return [...errors, notSupported(`${field}.scope`, scope, ["Cluster", "Namespace"])];
  if (scope === "Cluster" && namespace !== undefined) errors.push(forbidden(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  if (scope === "Namespace") {
    if (namespace === undefined) errors.push(required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'"));
    else errors.push(...messages(isDNS1123Label(namespace), `${field}.namespace`, namespace));
  }
  return errors;
}
function validate(object: IngressClass): FieldError[] {
  const { controller = "", parameters } = object.spec ?? {};
  const errors = byteLength(controller) > CONTROLLER_BYTES_MAX ? [tooLong("spec.controller", CONTROLLER_BYTES_MAX)] : [];
  errors.push(...validateDomainPrefixedPath("spec.controller", controller));
  return parameters ? [...errors, ...validateParameters(parameters, "spec.parameters")] : errors;
}
function parametersCell(parameters: IngressClassParametersReference | undefined): string {
  if (!parameters) return "<none>";
  const { kind = "", name = "" } = parameters;
  const apiGroup = parameters.apiGroup ?? undefined;
  return `${apiGroup === undefined ? kind : `${kind}.${apiGroup}`}/${name}`;
}

export const ingressClassKind = defineKind<IngressClass>("networking.k8s.io/v1/ingressclasses", {
  generation: true,
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    const spec = (object.spec ??= {});
    if (spec.parameters) spec.parameters.scope ??= "Cluster";
  },
  validate,
  update: {
    validate: (next, stored) => [...immutable(next.spec?.controller ?? "", stored.spec?.controller ?? "", "spec.controller"), ...validate(next)],
  },
  table: {
    columns: [NAME, text("Controller"), text("Parameters"), AGE],
    row: (object, now) => [nameCell(object), object.spec?.controller ?? "", parametersCell(object.spec?.parameters), ageCell(object, now)],
  },
});
