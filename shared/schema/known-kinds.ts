// Which kinds the built-in scheme knows besides the one a path expects: a body may name another one.
import resourcesTable from "../kinds/_generated/resources.json" with { type: "json" };
import { schemaOf } from "./schema.ts";

interface Named {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Upstream these are served by servers of their own, each with its own scheme. */
const OWN_SCHEME = new Set(["apiextensions.k8s.io", "apiregistration.k8s.io"]);
const BUILT_IN = new Set(resourcesTable.groups.map((group) => group.group));
const firstPart = (group: string): string => (group === "" ? "core" : (group.split(".")[0] ?? group));

/** Go package of a group's internal types. */
export const goPackageOf = (group: string): string => (group === "events.k8s.io" ? "core" : firstPart(group));

/** The schema of a built-in kind, or undefined. */
export function schemaNameOf({ group, version, kind }: Named): string | undefined {
  if (!BUILT_IN.has(group)) return undefined;
  const schema = schemaOf(`${firstPart(group)}.${version}.${kind}`);
  return schema?.fields.has("apiVersion") && schema.fields.has("kind") ? schema.name : undefined;
}

/** The schema of a kind in the scheme that serves `expect`, or undefined when none is registered there. */
export function schemaOfKind(named: Named, expect: Named): string | undefined {
  const schemeOf = (group: string): string => (OWN_SCHEME.has(group) ? group : "");
  return schemeOf(named.group) === schemeOf(expect.group) ? schemaNameOf(named) : undefined;
}
