// Checks of a node's taints. As upstream: validation.go validateNodeTaints.
import { invalid, notSupported, required, type FieldError } from "../../errors/field-error.ts";
import { isQualifiedName, isValidLabelValue } from "../../meta/names.ts";
import type { Taint } from "../_generated/types.ts";

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** The taint as upstream prints its internal form. */
const goForm = (taint: Taint): string =>
  JSON.stringify({ Key: taint.key ?? "", Value: taint.value ?? "", Effect: taint.effect ?? "", TimeAdded: taint.timeAdded ?? null });

export function validateTaints(taints: readonly Taint[], path: string): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, index) => {
    const { key = "", value = "", effect = "" } = taint;
    const field = `${path}[${index}]`;
    const errors = isQualifiedName(key).map((message) => invalid(`${field}.key`, key, message));
    const wrong = isValidLabelValue(value);
    if (wrong.length > 0) errors.push(invalid(`${field}.value`, value, wrong.join(";")));
    if (effect === "") errors.push(required(`${field}.effect`));
    else if (!EFFECTS.includes(effect)) errors.push(notSupported(`${field}.effect`, effect, EFFECTS));
    const pair = `${effect} ${key}`;
    if (seen.has(pair)) {
      const message = `Duplicate value: ${goForm(taint)}: taints must be unique by key and effect pair`;
      errors.push({ type: "FieldValueDuplicate", field, message });
    }
    seen.add(pair);
    return errors;
  });
}
