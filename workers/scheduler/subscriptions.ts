// The scheduler's subscriptions to the stores, for the profiles that exist.
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { noticesOf, WATCHED } from "./watched.ts";

export const PROFILES: readonly string[] = ["default-scheduler"];

interface Change {
  readonly next: KubeObject | undefined;
  readonly old: KubeObject | undefined;
}
export const SCHEDULER_SUBSCRIPTIONS = WATCHED.map((watched) => ({
  family: "scheduler" as const,
  resource: watched.resource,
  gathers: { few: 32, enough: 64, ms: 100 },
  items: ({ next, old }: Change) => noticesOf(watched, next, old, PROFILES),
}));
