// Conditions in the status of flow schemas and priority levels. As upstream: ValidateFlowSchemaStatus.
import { type FieldError, duplicate, required } from "../../errors/field-error.ts";

export function validateConditionTypes(conditions: readonly { type?: string }[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return (conditions ?? []).flatMap(({ type = "" }, index) => {
    const field = `status.conditions[${index}].type`;
    const errors = seen.has(type) ? [duplicate(field, type)] : [];
    seen.add(type);
    return type === "" ? [...errors, required(field)] : errors;
  });
}
