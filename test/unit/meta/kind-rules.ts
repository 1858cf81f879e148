// Group and scope of a kind, for tests that have only an object.
import table from "../../../shared/kinds/_generated/resources.json" with { type: "json" };

export function factsOfKind(object: { apiVersion?: string; kind?: string }): { group: string; namespaced: boolean } {
  const parts = (object.apiVersion ?? "").split("/");
  const group = parts.length > 1 ? (parts[0] ?? "") : "";
  const row = table.resources.find((one) => one.group === group && one.kind === object.kind && !("subresource" in one && one.subresource));
  return { group, namespaced: row?.namespaced ?? true };
}
