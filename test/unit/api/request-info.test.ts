// What a URL asks for: groups, namespaces, subresources, and paths that are none of these.
import { expect, test } from "vitest";
import { requestInfo } from "../../../shared/api/request-info.ts";

const ask = (path: string, query = "") => requestInfo("GET", path, new URLSearchParams(query));
const NONE = { group: "", version: "v1", namespace: "", resource: "", name: "", subresource: "", rest: "" };

test.each([
  ["/api/v1/pods", { verb: "list", resource: "pods" }],
  ["//api//v1/pods/", { verb: "list", resource: "pods" }],
  ["/api/v1/namespaces/a/pods/b", { verb: "get", namespace: "a", resource: "pods", name: "b" }],
  ["/api/v1/namespaces/a/pods/b%2fstatus", { verb: "get", namespace: "a", resource: "pods", name: "b", subresource: "status" }],
  ["/api/v1/namespaces/a/pods/%zz", { verb: "get", namespace: "a", resource: "pods", name: "%zz" }],
  ["/api/v1/namespaces/a/services/b/proxy/c//d", { verb: "get", namespace: "a", resource: "services", name: "b", subresource: "proxy", rest: "c/d" }],
  ["/api/v1/namespaces/a/status", { verb: "get", resource: "namespaces", name: "a", subresource: "status" }],
  ["/apis/apps/v1/deployments", { verb: "list", group: "apps", resource: "deployments" }],
  ["/apis/apps/v1/watch/deployments", { verb: "watch", group: "apps", resource: "deployments" }],
  ["/apis/apps/v1/watch", { verb: "list", group: "apps", resource: "watch" }],
] as const)("%s is about a resource", (path, expected) => expect(ask(path)).toEqual({ isResource: true, ...NONE, ...expected }));

test.each([
  ["/", "/"],
  ["/api", "/api"],
  ["/api/v1/", "/api/v1"],
  ["/apis//apps", "/apis/apps"],
  ["/apis/apps/v1", "/apis/apps/v1"],
  ["/apiz/v1/pods", "/apiz/v1/pods"],
  ["/a%20b/c", "/a b/c"],
])("%s is none", (path, expected) => expect(ask(path)).toEqual({ isResource: false, path: expected }));

test("a watch is asked for by the query of a collection", () => {
  expect(ask("/api/v1/pods", "watch=1")).toMatchObject({ verb: "watch" });
  expect(ask("/api/v1/pods", "watch=0")).toMatchObject({ verb: "list" });
  expect(ask("/api/v1/nodes/a", "watch=1")).toMatchObject({ verb: "get" });
  expect(requestInfo("HEAD", "/api/v1/pods", new URLSearchParams())).toBeUndefined();
});
