// A Job's successPolicy and the text form of index sets. As upstream: validateSuccessPolicy, validateIndexesFormat.
import type { Json } from "../../base/json.ts";
import type { Result } from "../../base/result.ts";
import { type FieldError, invalid, required, tooLong, tooMany } from "../../errors/field-error.ts";
import { byteLength } from "../../meta/text.ts";
import type { SuccessPolicy, SuccessPolicyRule } from "../_generated/types.ts";
import { nonnegative } from "./checks.ts";

const RULES_MAX = 20;
const INDEXES_BYTES_MAX = 64 * 1024;

/** How many indexes a text as `0,2-5` names, all below `completions`, or what is wrong with it. */
export function countIndexes(text: string, completions: number): Result<number, string> {
  let last: number | undefined;
  let total = 0;
  if (text === "") return { ok: true, value: 0 };
  for (const interval of text.split(",")) {
    const limits = interval.split("-");
    if (limits.length > 2) {
      const quoted = JSON.stringify(interval);
      return { ok: false, error: `the fragment ${quoted} violates the requirement that an index interval can have at most two parts separated by '-'` };
    }
    const first = last;
    for (const limit of limits) {
      if (!/^[+-]?\d{1,18}$/.test(limit)) return { ok: false, error: `cannot convert string to integer for index: ${JSON.stringify(limit)}` };
      const index = Number(limit);
      if (index >= completions) return { ok: false, error: `too large index: ${JSON.stringify(limit)}` };
      if (last !== undefined && last >= index) return { ok: false, error: `non-increasing order, previous: ${last}, current: ${index}` };
      total += last === undefined || last === first ? 1 : index - last;
      last = index;
    }
  }
  return { ok: true, value: total };
}

function validateRule(rule: SuccessPolicyRule, completions: number, field: string): FieldError[] {
  const { succeededCount, succeededIndexes } = rule;
  if (succeededCount === undefined && succeededIndexes === undefined) {
    return [required(field, "at least one of succeededCount or succeededIndexes must be specified")];
  }
  const errors: FieldError[] = [];
  let total = 0;
  if (succeededIndexes !== undefined) {
    const path = `${field}.succeededIndexes`;
    if (byteLength(succeededIndexes) > INDEXES_BYTES_MAX) errors.push(tooLong(path, INDEXES_BYTES_MAX));
    const counted = countIndexes(succeededIndexes, completions);
    if (counted.ok) total = counted.value;
    else errors.push(invalid(path, succeededIndexes, `error parsing succeededIndexes: ${counted.error}`));
  }
  if (succeededCount !== undefined) {
    const path = `${field}.succeededCount`;
    errors.push(...nonnegative(succeededCount, path));
    if (succeededCount > completions) {
      errors.push(invalid(path, succeededCount, `must be less than or equal to ${completions} (the number of specified completions)`));
    }
    if (succeededIndexes !== undefined && succeededCount > total) {
      const detail = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`;
      errors.push(invalid(path, succeededCount, detail));
    }
  }
  return errors;
}

export function validateSuccessPolicy(policy: SuccessPolicy, completions: number | undefined, field: string): FieldError[] {
  const rules = policy.rules ?? [];
  const errors: FieldError[] = [];
  if (rules.length === 0) errors.push(required(`${field}.rules`, "at least one rules must be specified when the successPolicy is specified"));
  if (rules.length > RULES_MAX) errors.push(tooMany(`${field}.rules`, rules.length, RULES_MAX));
  return [...errors, ...rules.flatMap((rule, index) => validateRule(rule, completions ?? 0, `${field}.rules[${index}]`))];
}

/** As Go prints the internal struct. */
export function successPolicyValue(policy: SuccessPolicy | undefined): Json | undefined {
  if (!policy) return undefined;
  const rules = policy.rules?.map((rule) => ({
    SucceededIndexes: rule.succeededIndexes ?? null,
    SucceededCount: rule.succeededCount ?? null,
  }));
  return { Rules: rules ?? null };
}
