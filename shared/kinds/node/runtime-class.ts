// RuntimeClass of node.k8s.io/v1. As upstream: pkg/apis/node/validation/validation.go.
import { type FieldError, duplicate, required } from "../../errors/field-error.ts";
import { validateLabels } from "../../meta/labels.ts";
import { nameIsDNSLabel, nameIsDNSSubdomain } from "../../meta/names.ts";
import type { RuntimeClass, Toleration } from "../_generated/types.ts";
import { nodeLabelDeprecation } from "../_parts/pod-warnings.ts";
import { checkOverhead } from "../_parts/validate-resources.ts";
import { checkTolerations } from "../_parts/validate-scheduling.ts";
import { immutable, messages } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";

function validateTolerations(tolerations: readonly Toleration[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  checkTolerations(errors, field, tolerations, { comparisons: false });
  const seen = new Set<string>();
  tolerations.forEach(({ key = "", operator = "", value = "", effect = "", tolerationSeconds }, index) => {
    const identity = JSON.stringify([key, operator, value, effect]);
    const shown = { Key: key, Operator: operator, Value: value, Effect: effect, TolerationSeconds: tolerationSeconds ?? null };
    if (seen.has(identity)) errors.push(duplicate(`${field}[${index}]`, shown));
    seen.add(identity);
  });
  return errors;
}
function validate(object: RuntimeClass): FieldError[] {
  const handler = object.handler ?? "";
  const errors = handler === "" ? [required("handler")] : messages(nameIsDNSLabel(handler, false), "handler", handler);
  const podFixed = object.overhead?.podFixed;
  if (podFixed) checkOverhead(errors, "overhead", podFixed, { claimNames: new Set(), indivisibleHugePages: false });
  if (object.scheduling) {
    errors.push(...validateLabels(object.scheduling.nodeSelector, "scheduling.nodeSelector"));
    errors.push(...validateTolerations(object.scheduling.tolerations ?? [], "scheduling.tolerations"));
  }
  return errors;
}

export const runtimeClassKind = defineKind<RuntimeClass>("node.k8s.io/v1/runtimeclasses", {
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    object.handler ??= "";
  },
  validate,
  update: { validate: (next, stored) => [...validate(next), ...immutable(next.handler, stored.handler, "handler")] },
  warnings: (object) =>
    Object.keys(object.scheduling?.nodeSelector ?? {}).flatMap((key) => {
      const message = nodeLabelDeprecation(key);
      return message === undefined ? [] : [`scheduling.nodeSelector: ${message}`];
    }),
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  table: {
    columns: [NAME, text("Handler"), AGE],
    row: (object, now) => [nameCell(object), object.handler ?? "", ageCell(object, now)],
  },
});
