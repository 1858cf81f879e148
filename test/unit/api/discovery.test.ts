// Discovery against what a real server lists (test/facts/discovery.tsv) and the hashes it gives.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  aggregatedDiscovery,
  type APIResource,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  type DiscoveredKind,
  rootPaths,
  storageVersionHash,
} from "../../../shared/api/discovery.ts";
import { sha256 } from "../../../shared/base/sha256.ts";
import { versionInfo } from "../../../shared/api/version.ts";
import resourcesTable from "../../../shared/kinds/_generated/resources.json" with { type: "json" };

interface Row {
  group: string;
  version: string;
  resource: string;
  subresource?: string;
  singular?: string;
  namespaced: boolean;
  kind: string;
  responseGVK?: string;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
}
const rows: readonly Row[] = resourcesTable.resources;
const { groups } = resourcesTable;
const kinds: DiscoveredKind[] = rows
  .filter((row) => row.subresource === undefined)
  .map((row) => ({
    ...row,
    singular: row.singular ?? "",
    shortNames: row.shortNames ?? [],
    categories: row.categories ?? [],
    subresourceFacts: rows.flatMap((sub) =>
      sub.subresource !== undefined && sub.group === row.group && sub.version === row.version && sub.resource === row.resource
        ? [{ name: sub.subresource, kind: sub.kind, verbs: sub.verbs, ...(sub.responseGVK ? { responseGVK: sub.responseGVK } : {}) }]
        : [],
    ),
    ...(row.group === "events.k8s.io" ? { storedIn: "/events" } : {}),
    ...(row.group === "autoscaling" ? { storedIn: "autoscaling/horizontalpodautoscalers" } : {}),
  }));
const resourcesOf = (group: string, version: string): APIResource[] => (apiResourceList(kinds, group, version) as { resources: APIResource[] }).resources;

/** The recorded rows, with the names of their columns. */
function recorded(): Record<string, string>[] {
  const [head = "", ...lines] = readFileSync(join(import.meta.dirname, "..", "..", "facts", "discovery.tsv"), "utf8")
    .trimEnd()
    .split("\n");
  const names = head.split("\t");
  return lines.map((line) => Object.fromEntries(line.split("\t").map((cell, index) => [names[index] ?? "", cell])));
}

describe("lists of resources", () => {
  test("have the order, kinds, verbs, short names and categories of a real server", () => {
    const served = groups.flatMap(({ group, versions }) => versions.map((version) => ({ group, version })));
    const shown = served.flatMap(({ group, version }) =>
      resourcesOf(group, version).map((resource) =>
        [
          group,
          version,
          resource.name,
          resource.kind,
          resource.verbs.join(","),
          (resource.shortNames ?? []).join(","),
          (resource.categories ?? []).join(","),
        ].join(" "),
      ),
    );
    const wanted = recorded().map((row) => {
      const name = row.subresource ? `${row.resource}/${row.subresource}` : (row.resource ?? row.name);
      return [row.group, row.version, name, row.kind, row.verbs, row.shortNames, row.categories].join(" ");
    });
    expect(new Set(shown)).toEqual(new Set(wanted));
    expect(shown).toHaveLength(wanted.length);
  });
  test("the core list does not say its apiVersion, others do", () => {
    expect(Object.keys(apiResourceList(kinds, "", "v1") ?? {})).toEqual(["kind", "groupVersion", "resources"]);
    expect(apiResourceList(kinds, "apps", "v1")).toMatchObject({ kind: "APIResourceList", apiVersion: "v1", groupVersion: "apps/v1" });
    expect(apiResourceList(kinds, "apps", "v2")).toBeUndefined();
  });
  test("a subresource of another group says so", () => {
    expect(resourcesOf("", "v1").find(({ name }) => name === "pods/eviction")).toEqual({
      name: "pods/eviction",
      singularName: "",
      namespaced: true,
      group: "policy",
      version: "v1",
      kind: "Eviction",
      verbs: ["create"],
    });
  });
});

describe("storageVersionHash", () => {
  const hashOf = (group: string, version: string, name: string): string | undefined =>
    resourcesOf(group, version).find((resource) => resource.name === name)?.storageVersionHash;
  test.each([
    ["", "v1", "configmaps", "qFsyl6wFWjQ="],
    ["", "v1", "events", "r2yiGXH7wu8="],
    ["events.k8s.io", "v1", "events", "r2yiGXH7wu8="],
    ["autoscaling", "v1", "horizontalpodautoscalers", "qwQve8ut294="],
    ["admissionregistration.k8s.io", "v1", "mutatingadmissionpolicies", "LYmCf+UMVdg="],
    ["apiextensions.k8s.io", "v1", "customresourcedefinitions", "jfWCUB31mvA="],
  ])("of %s/%s %s is that of a real server", (group, version, name, hash) => expect(hashOf(group, version, name)).toBe(hash));
  test("both versions of a kind share it; what is never stored has none", () => {
    expect(hashOf("autoscaling", "v1", "horizontalpodautoscalers")).toBe(hashOf("autoscaling", "v2", "horizontalpodautoscalers"));
    expect(hashOf("", "v1", "bindings")).toBeUndefined();
    expect(hashOf("authorization.k8s.io", "v1", "subjectaccessreviews")).toBeUndefined();
  });
  test("is the start of a SHA-256 (test vectors of FIPS 180-4)", () => {
    const hex = (text: string): string => [...sha256(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    expect(hex("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    expect(storageVersionHash("", "v1", "ConfigMap")).toBe("qFsyl6wFWjQ=");
  });
});

describe("groups", () => {
  test("come in the order of a real server, core apart", () => {
    const { groups: listed } = apiGroupList(groups) as { groups: { name: string }[] };
    expect(listed.map(({ name }) => name).slice(0, 4)).toEqual(["apiregistration.k8s.io", "apps", "events.k8s.io", "authentication.k8s.io"]);
    expect(listed.some(({ name }) => name === "")).toBe(false);
    expect(apiVersions("10.0.0.1:6443")).toMatchObject({
      kind: "APIVersions",
      versions: ["v1"],
      serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: "10.0.0.1:6443" }],
    });
  });
  test("one of them, with its versions best first", () => {
    expect(apiGroup(groups, "autoscaling")).toEqual({
      kind: "APIGroup",
      apiVersion: "v1",
      name: "autoscaling",
      versions: [
        { groupVersion: "autoscaling/v2", version: "v2" },
        { groupVersion: "autoscaling/v1", version: "v1" },
      ],
      preferredVersion: { groupVersion: "autoscaling/v2", version: "v2" },
    });
    expect(apiGroup(groups, "nope")).toBeUndefined();
    expect(apiGroup(groups, "")).toBeUndefined();
  });
});

test("the aggregated form holds every resource once, subresources inside", () => {
  const list = aggregatedDiscovery(kinds, groups, "core") as {
    items: { metadata: object; versions: { resources: { resource: string; subresources?: object[] }[] }[] }[];
  };
  expect(list).toMatchObject({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {} });
  const namespaces = list.items[0]?.versions[0]?.resources.find(({ resource }) => resource === "namespaces");
  // As recorded: a resource's own responseKind has neither group nor version.
  expect(namespaces).toEqual({
    resource: "namespaces",
    responseKind: { group: "", version: "", kind: "Namespace" },
    scope: "Cluster",
    singularResource: "namespace",
    verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
    shortNames: ["ns"],
    subresources: [
      { subresource: "finalize", responseKind: { group: "", version: "", kind: "Namespace" }, verbs: ["update"] },
      { subresource: "status", responseKind: { group: "", version: "", kind: "Namespace" }, verbs: ["get", "patch", "update"] },
    ],
  });
  expect((aggregatedDiscovery(kinds, groups, "groups") as { items: object[] }).items).toHaveLength(groups.length - 1);
});

test("the root names what is served, sorted; the version is 1.36", () => {
  const { paths } = rootPaths(groups);
  expect(paths).toEqual(paths.toSorted());
  expect(paths).toEqual(expect.arrayContaining(["/api/v1", "/apis/apps", "/apis/apps/v1", "/healthz", "/openapi/v3", "/version"]));
  expect(versionInfo).toMatchObject({ major: "1", minor: "36", gitVersion: "v1.36.3" });
});
