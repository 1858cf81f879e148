// Hints that name no root yet: `who selects these labels?`. They travel as text, so equal ones are worked on once.
import { isObject } from "../../../shared/base/json.ts";
import { stableJson } from "../../../shared/meta/hash.ts";

/** No key of an object starts so: names and namespaces hold no such character. */
const MARK = "?";

export interface Hint {
  readonly kind: string;
  readonly namespace: string;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
}
export const hintOf = (hint: Hint): string => MARK + stableJson(hint);

/** undefined: the text is a key. */
export function readHint(text: string): Hint | undefined {
  if (!text.startsWith(MARK)) return undefined;
  const value: unknown = JSON.parse(text.slice(MARK.length));
  return isObject(value) ? (value as unknown as Hint) : undefined;
}
