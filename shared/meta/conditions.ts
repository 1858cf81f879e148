// Finding and setting conditions in a status.
import type { EpochMs } from "../base/ports.ts";
import { rfc3339 } from "./time.ts";

interface AnyCondition {
  type?: string;
  status?: string;
  lastTransitionTime?: string;
}

export const findCondition = <T extends AnyCondition>(list: readonly T[] | undefined, type: string): T | undefined =>
  list?.find((condition) => condition.type === type);

export const isConditionTrue = (list: readonly AnyCondition[] | undefined, type: string): boolean => findCondition(list, type)?.status === "True";

/**
 * A new list in which `condition` replaces the one of its type, or stands at the end. The time of the last transition
 * stays when the status does; else it is the one given, or now. As upstream: apimachinery pkg/api/meta/conditions.go.
 */
export function setCondition<T extends AnyCondition>(list: readonly T[] | undefined, condition: T, now: EpochMs): T[] {
  const conditions = list ?? [];
  const known = findCondition(conditions, condition.type ?? "");
  const kept = known !== undefined && known.status === condition.status ? known.lastTransitionTime : undefined;
  const next: T = { ...condition, lastTransitionTime: kept ?? condition.lastTransitionTime ?? rfc3339(now) };
  return known ? conditions.map((other) => (other === known ? next : other)) : [...conditions, next];
}

export const removeCondition = <T extends AnyCondition>(list: readonly T[] | undefined, type: string): T[] =>
  (list ?? []).filter((condition) => condition.type !== type);
