// Delays between attempts. As upstream: client-go/util/flowcontrol/backoff.go and the kubelet's constants.
import type { EpochMs } from "../../shared/base/ports.ts";

export const CRASH_INITIAL_MS = 10_000;
export const CRASH_MAX_MS = 300_000;
export const PULL_INITIAL_MS = 10_000;
export const PULL_MAX_MS = 300_000;
/** A container that cannot be configured is looked at again with the kubelet's sync, then ever more seldom. */
export const RETRY_MS = 10_000;
export const MOUNT_INITIAL_MS = 500;
export const MOUNT_MAX_MS = 122_000;
/** How long ErrImagePull is shown before the back-off is. */
export const PULL_ERROR_SHOWN_MS = 1_000;

export interface Delay {
  readonly ms: number;
  readonly at: EpochMs;
}
/** Twice the maximum without a failure forgets everything. */
const expired = (known: Delay, at: EpochMs, max: number): boolean => at - known.at > 2 * max;
export const nextDelay = (known: Delay | undefined, eventAt: EpochMs, now: EpochMs, initial: number, max: number): Delay =>
  known === undefined || expired(known, eventAt, max) ? { ms: initial, at: now } : { ms: Math.min(known.ms * 2, max), at: now };
/** Until when an attempt has to wait after a failure at `since`; undefined: it need not. */
export const waitsUntil = (known: Delay | undefined, since: EpochMs, max: number): EpochMs | undefined =>
  known === undefined || expired(known, since, max) ? undefined : since + known.ms;

/** A duration as Go prints it: `10s`, `1m20s`, `5m0s`, `1.5s`, `340ms`. */
export function goDuration(ms: number): string {
  if (ms === 0) return "0s";
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = `${(ms % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
