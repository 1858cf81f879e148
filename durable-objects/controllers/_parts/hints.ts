// Hints that name no root yet: `who selects these labels?`. They travel as text, so equal ones are worked on once.
import { isObject } from "../../../shared/base/json.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import { stableJson } from "../../../shared/meta/hash.ts";
import { labelsOf, namespaceOf } from "./world.ts";

/** No key of an object starts so: names and namespaces hold no such character. */
const MARK = "?";

export interface Hint {
  readonly kind: string;
  readonly namespace: string;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
}
export const hintOf = (hint: Hint): string => MARK + stableJson(hint);

let latest: { readonly namespace: string; readonly labels: Readonly<Record<string, string>>; readonly text: string } | undefined;
/** Who selects a pod? Several controllers ask it of one change, and of both forms of a pod, which share labels that were not changed. */
export function podHintOf(pod: KubeObject): string {
  const [namespace, labels] = [namespaceOf(pod), labelsOf(pod)];
  if (latest?.labels !== labels || latest.namespace !== namespace) latest = { namespace, labels, text: hintOf({ kind: "pod", namespace, labels }) };
  return latest.text;
}

/** undefined: the text is a key. */
export function readHint(text: string): Hint | undefined {
  if (!text.startsWith(MARK)) return undefined;
  const value: unknown = JSON.parse(text.slice(MARK.length));
  return isObject(value) ? (value as unknown as Hint) : undefined;
}
