// From a kind to its resource: built-in ones by a table that is handed in, custom ones by their definitions.
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { CustomResourceDefinition } from "../../../shared/kinds/_generated/types.ts";
import type { Query, ResourceId, View } from "../../../shared/reconcile/controller.ts";

export interface ResourceFacts {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
}
export interface ResourceTable {
  /** undefined: no such kind, as far as is known now. */
  find(group: string, kind: string, custom: readonly ResourceFacts[]): ResourceFacts | undefined;
}

export const groupOf = (apiVersion: string | undefined): string => {
  const slash = apiVersion?.indexOf("/") ?? -1;
  return slash < 0 ? "" : (apiVersion ?? "").slice(0, slash);
};
export const versionOf = (apiVersion: string | undefined): string => (apiVersion ?? "").slice((apiVersion ?? "").indexOf("/") + 1);
export const resourceId = (facts: Pick<ResourceFacts, "group" | "resource">): ResourceId => `${facts.group}/${facts.resource}`;

export function resourceTable(resources: readonly ResourceFacts[]): ResourceTable {
  const known = new Map<string, ResourceFacts>();
  for (const facts of resources) {
    const key = `${facts.group}/${facts.kind}`;
    if (!known.has(key)) known.set(key, facts);
  }
  return {
    find: (group, kind, custom) => known.get(`${group}/${kind}`) ?? custom.find((facts) => facts.group === group && facts.kind === kind),
  };
}

/** What a CustomResourceDefinition says about its resource. */
export const definitionView: View = {
  resource: "apiextensions.k8s.io/customresourcedefinitions",
  project(object: KubeObject): ResourceFacts {
    const spec = (object as CustomResourceDefinition).spec;
    return {
      group: spec?.group ?? "",
      version: spec?.versions?.find((version) => version.storage === true)?.name ?? "",
      kind: spec?.names?.kind ?? "",
      resource: spec?.names?.plural ?? "",
      namespaced: spec?.scope !== "Cluster",
    };
  },
};
export const definitionQuery: Query = { view: "definitions" };
