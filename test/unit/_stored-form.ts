import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import { normalize } from "../../shared/schema/fill.ts";

/** An object as an API server would hand it to a store: with defaults, without what says nothing. */
export function inStoredForm(kind: AnyKind, given: KubeObject): KubeObject {
  const object = structuredClone(given);
  kind.defaults(object);
  normalize(object, kind.schema);
  return object;
}
