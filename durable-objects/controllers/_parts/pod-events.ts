// Events about pods made and removed in numbers. As upstream: client-go tools/record/events_cache.go, which shows the first
// ten of a kind one by one and after that only a summary with the latest text.
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { Action } from "../../../shared/reconcile/controller.ts";

const SHOWN_MAX = 10;

/** `before`: how many of the kind came in earlier rounds. */
export function podEvents(about: KubeObject, reason: string, messages: readonly string[], before = 0): Action[] {
  const event = (message: string): Action => ({ do: "event", about, type: "Normal", reason, message });
  const shown = messages.slice(0, Math.max(0, SHOWN_MAX - before)).map(event);
  const last = messages.at(-1);
  if (shown.length < messages.length && last !== undefined) shown.push(event(`(combined from similar events): ${last}`));
  return shown;
}
