// What strategic merge patch asks of a schema: how a field merges, and the schema of what it holds.
import type { FieldType } from "../schema/schema.ts";
import { schemaOf } from "../schema/schema.ts";

export interface PatchMeta {
  /** merge, replace, or empty; retainKeys is no strategy of its own here. */
  readonly strategy: string;
  readonly mergeKey: string;
  /** What the field's members (of an object) or elements (of a list) are. */
  readonly type: FieldType;
}
const ANY: FieldType = { is: "any" };
const PLAIN: PatchMeta = { strategy: "", mergeKey: "", type: ANY };

/** The field `key` of a value of type `of`. Unknown fields merge as plain JSON does. */
export function patchMetaOf(of: FieldType, key: string): PatchMeta {
  if (of.is === "map") return { ...PLAIN, type: of.of };
  if (of.is !== "ref") return PLAIN;
  const field = schemaOf(of.ref)?.fields.get(key);
  if (!field) return PLAIN;
  return {
    strategy: field.patchStrategy.find((strategy) => strategy !== "retainKeys") ?? "",
    mergeKey: field.patchMergeKey ?? "",
    type: field.type,
  };
}
/** The same for a list: `type` is that of its elements. */
export function listMetaOf(of: FieldType, key: string): PatchMeta {
  const meta = patchMetaOf(of, key);
  return { ...meta, type: meta.type.is === "list" ? meta.type.of : ANY };
}
