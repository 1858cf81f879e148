// Namespaces: what a new one gets, and how one goes with all that is in it.
import { describe, expect, it } from "vitest";
import { BUILT_IN } from "../../../durable-objects/controllers/_parts/built-in-resources.ts";
import { deploymentController } from "../../../durable-objects/controllers/deployment.ts";
import { namespaceController } from "../../../durable-objects/controllers/namespace.ts";
import { replicasetController } from "../../../durable-objects/controllers/replicaset.ts";
import { rootCACertificatePublisherController } from "../../../durable-objects/controllers/root-ca-certificate-publisher.ts";
import { serviceAccountController } from "../../../durable-objects/controllers/serviceaccount.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { ConfigMap, Namespace } from "../../../shared/kinds/_generated/types.ts";
import { TestCluster } from "./cluster.ts";
import { deployment } from "./workloads.ts";

const NS = "/namespaces";
const controllers = [namespaceController(BUILT_IN), serviceAccountController, rootCACertificatePublisherController, deploymentController, replicasetController];
const make = (seed = 1): TestCluster => new TestCluster({ controllers, seed });
const create = (cluster: TestCluster, name: string): KubeObject =>
  cluster.create(NS, {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  } as Namespace);
const configMap = (name: string, namespace: string, data: Record<string, string> = {}, finalizers?: string[]): ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace, ...(finalizers ? { finalizers } : {}) },
  data,
});
const source = configMap("extension-apiserver-authentication", "kube-system", { "client-ca-file": "PEM" });

describe("a new namespace", () => {
  it("gets the ServiceAccount default and the certificate, and gets them back", () => {
    const cluster = make();
    cluster.create("/configmaps", source);
    create(cluster, "x");
    cluster.run();
    expect(cluster.get("/serviceaccounts", "x/default")).toMatchObject({ apiVersion: "v1", kind: "ServiceAccount" });
    const map = cluster.get<ConfigMap>("/configmaps", "x/kube-root-ca.crt");
    expect(map?.data).toEqual({ "ca.crt": "PEM" });
    expect(map?.metadata?.annotations?.["kubernetes.io/description"]).toBe(
      "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
    );
    cluster.delete("/serviceaccounts", "x/default");
    cluster.change("/configmaps", "x/kube-root-ca.crt", (next) => void (next["data"] = { other: "y" }));
    cluster.run();
    expect(cluster.get("/serviceaccounts", "x/default")).toBeDefined();
    expect(cluster.get<ConfigMap>("/configmaps", "x/kube-root-ca.crt")?.data).toEqual({ "ca.crt": "PEM" });
    expect(cluster.leftOver()).toEqual([]);
  });

  it("gets the certificate once it is known, and the new one when it changes", () => {
    const cluster = make();
    create(cluster, "x");
    cluster.run();
    expect(cluster.get("/configmaps", "x/kube-root-ca.crt")).toBeUndefined();
    cluster.create("/configmaps", source);
    cluster.run();
    cluster.change("/configmaps", "kube-system/extension-apiserver-authentication", (next) => void (next["data"] = { "client-ca-file": "NEW" }));
    cluster.run();
    expect(cluster.get<ConfigMap>("/configmaps", "x/kube-root-ca.crt")?.data).toEqual({ "ca.crt": "NEW" });
  });
});

describe("namespace-controller", () => {
  it("takes all that is in a namespace, pods before the rest, and lets it go", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const cluster = make(seed);
      cluster.create("/configmaps", source);
      create(cluster, "x");
      const d = deployment("a", { replicas: 2 });
      cluster.create("apps/deployments", { ...d, metadata: { ...d.metadata, namespace: "x" } });
      cluster.create("/configmaps", configMap("mine", "x"));
      cluster.create("/configmaps", configMap("other", "y"));
      cluster.run();
      cluster.refuse = (action) =>
        action.do === "create" && action.object.metadata?.namespace === "x" && cluster.get(NS, "/x")?.metadata?.deletionTimestamp !== undefined
          ? { message: "namespace x is being terminated", reason: "Forbidden", code: 403, details: { causes: [{ reason: "NamespaceTerminating" }] } }
          : undefined;
      cluster.delete(NS, "/x");
      cluster.run();
      expect(cluster.get(NS, "/x")).toBeUndefined();
      const left = ["/configmaps", "/pods", "apps/deployments", "apps/replicasets", "/serviceaccounts"].flatMap((resource) => cluster.list(resource));
      expect(left.filter((object) => object.metadata?.namespace === "x")).toEqual([]);
      expect(cluster.get("/configmaps", "y/other")).toBeDefined();
      const collections = cluster.writes.filter((write) => write.do === "deleteCollection").map((write) => write.resource);
      expect(collections[0]).toBe("/pods");
    }
  });

  it("says what holds it in the words of a real server, and goes when that is gone", () => {
    const cluster = make();
    create(cluster, "x");
    cluster.create("/configmaps", configMap("a", "x", {}, ["x.example/a", "x.example/b"]));
    cluster.run();
    cluster.delete(NS, "/x");
    cluster.run();
    const ns = cluster.get<Namespace>(NS, "/x");
    expect(ns?.status?.phase).toBe("Terminating");
    expect(ns?.status?.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message])).toEqual([
      ["NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"],
      ["NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions", "All legacy kube types successfully parsed"],
      ["NamespaceDeletionContentFailure", "False", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"],
      ["NamespaceContentRemaining", "True", "SomeResourcesRemain", "Some resources are remaining: configmaps. has 1 resource instances"],
      [
        "NamespaceFinalizersRemaining",
        "True",
        "SomeFinalizersRemain",
        "Some content in the namespace has finalizers remaining: x.example/a in 1 resource instances, x.example/b in 1 resource instances",
      ],
    ]);
    expect(cluster.leftOver()).toEqual([]);
    cluster.change("/configmaps", "x/a", (next) => void delete next.metadata?.finalizers);
    cluster.run();
    expect(cluster.get(NS, "/x")).toBeUndefined();
  });

  it("keeps finalizers of others", () => {
    const cluster = make();
    create(cluster, "x");
    cluster.change(NS, "/x", (next) => void ((next.spec ??= {})["finalizers"] = ["kubernetes", "mine.example/x"]));
    cluster.delete(NS, "/x");
    cluster.run();
    expect(cluster.get<Namespace>(NS, "/x")?.spec?.finalizers).toEqual(["mine.example/x"]);
    expect(cluster.get<Namespace>(NS, "/x")?.status?.conditions?.every((condition) => condition.status === "False")).toBe(true);
  });

  it("deletes custom resources by what their definition says", () => {
    const cluster = make();
    cluster.create("apiextensions.k8s.io/customresourcedefinitions", {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "foos.x.example" },
      spec: { group: "x.example", scope: "Namespaced", names: { kind: "Foo", plural: "foos" }, versions: [{ name: "v1", storage: true }] },
    } as KubeObject);
    create(cluster, "x");
    cluster.create("x.example/foos", { apiVersion: "x.example/v1", kind: "Foo", metadata: { name: "f", namespace: "x" } });
    cluster.delete(NS, "/x");
    cluster.run();
    expect(cluster.get("x.example/foos", "x/f")).toBeUndefined();
    expect(cluster.get(NS, "/x")).toBeUndefined();
  });
});
