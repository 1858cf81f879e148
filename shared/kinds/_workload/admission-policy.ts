// Parts that validating and mutating admission policies and their bindings share.
// As upstream: pkg/apis/admissionregistration/validation/validation.go. Expressions are compiled elsewhere.
import { type FieldError, forbidden, invalid, notSupported, required } from "../../errors/field-error.ts";
import { validateLabelSelector } from "../../meta/labels.ts";
import { isDNS1035Label, isDNS1123Subdomain, isValidPathSegmentName } from "../../meta/names.ts";
import type { ParamKind, ParamRef, Variable } from "../_generated/types.ts";
import { messages } from "./checks.ts";

/** Words that CEL keeps for itself. */
const RESERVED = new Set("true false null in as break const continue else for function if import let loop package namespace return var void while".split(" "));
const isCELIdentifier = (name: string): boolean => /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !RESERVED.has(name);

export function validateParamKind(param: ParamKind | undefined, field: string): FieldError[] {
  if (!param) return [];
  const { apiVersion = "", kind = "" } = param;
  const errors: FieldError[] = [];
  const parts = apiVersion.split("/");
  const [group, version] = parts.length === 1 ? ["", parts[0] ?? ""] : [parts[0] ?? "", parts[1] ?? ""];
  const path = `${field}.apiVersion`;
  if (apiVersion === "") errors.push(required(path));
  else if (parts.length > 2) errors.push(invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else {
    const wrongGroup = group === "" ? [] : isDNS1123Subdomain(group);
    if (wrongGroup.length > 0) errors.push(invalid(path, group, wrongGroup.join(",")));
    const wrongVersion = isDNS1035Label(version);
    if (version === "") errors.push(invalid(path, apiVersion, "version must be specified"));
    else if (wrongVersion.length > 0) errors.push(invalid(path, version, wrongVersion.join(",")));
  }
  const wrongKind = isDNS1035Label(kind.toLowerCase());
  if (kind === "") errors.push(required(`${field}.kind`));
  else if (wrongKind.length > 0) {
    errors.push(invalid(`${field}.kind`, kind, `may have mixed case, but should otherwise match: ${wrongKind.join(",")}`));
  }
  return errors;
}
export function validateVariables(variables: readonly Variable[], field: string): FieldError[] {
  return variables.flatMap(({ name = "", expression = "" }, index) => {
    const path = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (name.trim() === "") errors.push(required(`${path}.name`, "name is not specified"));
    else if (!isCELIdentifier(name)) errors.push(invalid(`${path}.name`, name, "must be a valid CEL identifier"));
    if (expression.trim() === "") errors.push(required(`${path}.expression`, "expression is not specified"));
    return errors;
  });
}

const NOT_FOUND_ACTIONS = ["Deny", "Allow"];
function validateParamRef(reference: ParamRef | undefined, field: string): FieldError[] {
  if (!reference) return [];
  const { name = "", selector, parameterNotFoundAction: action = "" } = reference;
  const errors = name === "" ? [] : messages(isValidPathSegmentName(name), `${field}.name`, name);
  if (name !== "" && selector) errors.push(forbidden(`${field}.name`, "name and selector are mutually exclusive"));
  errors.push(...validateLabelSelector(selector, {}, `${field}.selector`));
  if (name !== "" && selector) errors.push(forbidden(`${field}.selector`, "name and selector are mutually exclusive"));
  if (name === "" && !selector) errors.push(required(field, "one of name or selector must be specified"));
  const path = `${field}.parameterNotFoundAction`;
  if (action === "") errors.push(required(path));
  else if (!NOT_FOUND_ACTIONS.includes(action)) errors.push(notSupported(path, action, NOT_FOUND_ACTIONS));
  return errors;
}
/** Which policy a binding binds, and to which parameters. */
export function validateBindingTarget(spec: { policyName?: string; paramRef?: ParamRef }): FieldError[] {
  const { policyName = "", paramRef } = spec;
  const errors = policyName === "" ? [required("spec.policyName")] : messages(isDNS1123Subdomain(policyName), "spec.policyName", policyName);
  return [...errors, ...validateParamRef(paramRef, "spec.paramRef")];
}

export const paramKindCell = (param: ParamKind | undefined): string => (param ? `${param.apiVersion ?? ""}/${param.kind ?? ""}` : "<unset>");
export function paramRefCell(reference: ParamRef | undefined): string {
  if (!reference?.name) return "<unset>";
  return `${reference.namespace || "*"}/${reference.name}`;
}
