// ValidatingAdmissionPolicy of admissionregistration.k8s.io/v1. As upstream: pkg/apis/admissionregistration/validation.
import { equalJson } from "../../base/json.ts";
import { type FieldError, duplicate, invalid, required } from "../../errors/field-error.ts";
import { isQualifiedName, nameIsDNSSubdomain } from "../../meta/names.ts";
import { byteLength } from "../../meta/text.ts";
import type { AuditAnnotation, ValidatingAdmissionPolicy, Validation } from "../_generated/types.ts";
import { paramKindCell, validateParamKind, validateVariables } from "../_workload/admission-policy.ts";
import { defaultMatchResources, FAILURE_POLICIES, validateMatchConditions, validateMatchResources } from "../_workload/admission-rules.ts";
import { messages, oneOf } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, integer, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";

const ANNOTATIONS_MAX = 20;
const ANNOTATION_BYTES_MAX = 5 * 1024;
const REASONS = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
const EITHER = "validations or auditAnnotations must contain at least one item";

function validateValidation(validation: Validation, field: string): FieldError[] {
  const { expression = "", message = "", messageExpression = "", reason } = validation;
  const errors = expression.trim() === "" ? [required(`${field}.expression`, "expression is not specified")] : [];
  if (messageExpression !== "" && messageExpression.trim() === "") {
    errors.push(invalid(`${field}.messageExpression`, messageExpression, "must be non-empty if specified"));
  }
  if (message !== "" && message.trim() === "") errors.push(invalid(`${field}.message`, message, "must be non-empty if specified"));
  else if (/[\n\r]/.test(message.trim())) errors.push(invalid(`${field}.message`, message, "must not contain line breaks"));
  return reason === undefined ? errors : [...errors, ...oneOf(reason, REASONS, `${field}.reason`)];
}
function validateAnnotation(annotation: AuditAnnotation, policy: string, field: string): FieldError[] {
  const { key = "", valueExpression = "" } = annotation;
  const whole = `${policy}/${key}`;
  const errors =
    policy === "" ? [invalid(`${field}.key`, key, "requires metadata.name be non-empty")] : messages(isQualifiedName(whole), `${field}.key`, whole);
  const trimmed = valueExpression.trim();
  if (trimmed === "") errors.push(required(`${field}.valueExpression`, "valueExpression is not specified"));
  else if (byteLength(trimmed) > ANNOTATION_BYTES_MAX) {
    errors.push(required(`${field}.valueExpression`, `must not exceed ${ANNOTATION_BYTES_MAX} bytes in length`));
  }
  return errors;
}
function validateOutcomes(object: ValidatingAdmissionPolicy): FieldError[] {
  const { validations = [], auditAnnotations = [] } = object.spec ?? {};
  if (validations.length + auditAnnotations.length === 0) return [required("spec.validations", EITHER), required("spec.auditAnnotations", EITHER)];
  const errors = validations.flatMap((validation, index) => validateValidation(validation, `spec.validations[${index}]`));
  if (auditAnnotations.length > ANNOTATIONS_MAX) {
    const shown = auditAnnotations.map(({ key = "", valueExpression = "" }) => ({ Key: key, ValueExpression: valueExpression }));
    errors.push(invalid("spec.auditAnnotations", shown, `must not have more than ${ANNOTATIONS_MAX} auditAnnotations`));
  }
  const seen = new Set<string>();
  auditAnnotations.forEach((annotation, index) => {
    const field = `spec.auditAnnotations[${index}]`;
    const key = annotation.key ?? "";
    errors.push(...validateAnnotation(annotation, object.metadata?.name ?? "", field));
    if (seen.has(key)) errors.push(duplicate(`${field}.key`, key));
    seen.add(key);
  });
  return errors;
}
function validate(object: ValidatingAdmissionPolicy, stored?: ValidatingAdmissionPolicy): FieldError[] {
  const { failurePolicy, paramKind, matchConstraints, matchConditions = [], variables = [] } = object.spec ?? {};
  const errors = failurePolicy === undefined ? [required("spec.failurePolicy")] : oneOf(failurePolicy, FAILURE_POLICIES, "spec.failurePolicy");
  errors.push(...validateParamKind(paramKind, "spec.paramKind"));
  if (!matchConstraints) errors.push(required("spec.matchConstraints"));
  else {
    errors.push(...validateMatchResources(matchConstraints, "spec.matchConstraints"));
    if (!matchConstraints.resourceRules?.length) errors.push(required("spec.matchConstraints.resourceRules"));
  }
  const same = stored && equalJson(stored.spec?.matchConditions, matchConditions) && equalJson(stored.spec?.paramKind, paramKind);
  if (same !== true) errors.push(...validateMatchConditions(matchConditions, "spec.matchConditions"));
  return [...errors, ...validateVariables(variables, "spec.variables"), ...validateOutcomes(object)];
}

export const validatingAdmissionPolicyKind = defineKind<ValidatingAdmissionPolicy>("admissionregistration.k8s.io/v1/validatingadmissionpolicies", {
  generation: true,
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    const spec = (object.spec ??= {});
    spec.failurePolicy ??= "Fail";
    defaultMatchResources(spec.matchConstraints);
  },
  prepareForCreate(object) {
    object.status = {};
  },
  validate: (object) => validate(object),
  update: { validate: (next, stored) => validate(next, stored) },
  allowUnconditionalUpdate: false,
  table: {
    columns: [NAME, integer("Validations"), text("ParamKind"), AGE],
    row: (object, now) => [nameCell(object), object.spec?.validations?.length ?? 0, paramKindCell(object.spec?.paramKind), ageCell(object, now)],
  },
});
