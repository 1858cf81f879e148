// The official JavaScript client: objects, patches, watches, informers, logs, exec.
import { PassThrough } from "node:stream";
import * as k8s from "@kubernetes/client-node";
import { beforeAll, expect, test } from "vitest";
import { eventually } from "../support/kubectl.ts";
import { setting } from "./setting.ts";

const here = setting();
let config: k8s.KubeConfig;
let core: k8s.CoreV1Api;
let apps: k8s.AppsV1Api;
beforeAll(() => {
  config = new k8s.KubeConfig();
  config.loadFromFile(here.server.kubeconfig);
  core = config.makeApiClient(k8s.CoreV1Api);
  apps = config.makeApiClient(k8s.AppsV1Api);
});
const namespace = "default";
const deployment = (name: string, replicas: number): k8s.V1Deployment => ({
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "web", image: "nginx:1.27" }] } },
  },
});
const runs = (name: string) =>
  eventually(
    () => core.readNamespacedPodStatus({ namespace, name }),
    (pod) => pod.status?.phase === "Running",
  );

test("objects: create, read, replace with the right version only, delete", async () => {
  const created = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "typed" }, data: { a: "1" } } });
  expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date);
  const replaced = await core.replaceNamespacedConfigMap({ namespace, name: "typed", body: { ...created, data: { a: "2" } } });
  expect(replaced.data).toEqual({ a: "2" });
  await expect(core.replaceNamespacedConfigMap({ namespace, name: "typed", body: { ...created, data: { a: "3" } } })).rejects.toMatchObject({ code: 409 });
  await core.deleteNamespacedConfigMap({ namespace, name: "typed" });
  await expect(core.readNamespacedConfigMap({ namespace, name: "typed" })).rejects.toMatchObject({ code: 404 });
});

test("a list in pages is the whole list", async () => {
  for (let index = 0; index < 5; index++)
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: `page-${index}`, labels: { page: "yes" } } } });
  const names: string[] = [];
  let next: string | undefined;
  do {
    const page: k8s.V1ConfigMapList = await core.listNamespacedConfigMap({
      namespace,
      labelSelector: "page=yes",
      limit: 2,
      ...(next ? { _continue: next } : {}),
    });
    names.push(...page.items.map((item) => item.metadata?.name ?? ""));
    next = page.metadata?._continue;
  } while (next);
  expect(names).toEqual([0, 1, 2, 3, 4].map((index) => `page-${index}`));
});

test("an informer's cache follows a deployment, its scaling and its end", async () => {
  const informer = k8s.makeInformer(
    config,
    `/api/v1/namespaces/${namespace}/pods`,
    () => core.listNamespacedPod({ namespace, labelSelector: "app=informed" }),
    "app=informed",
  );
  const seen = { add: new Set<string>(), delete: new Set<string>() };
  informer.on("add", (pod) => void seen.add.add(pod.metadata?.uid ?? ""));
  informer.on("delete", (pod) => void seen.delete.add(pod.metadata?.uid ?? ""));
  await informer.start();
  try {
    await apps.createNamespacedDeployment({ namespace, body: deployment("informed", 3) });
    const cached = () => Promise.resolve(informer.list(namespace).filter((pod) => pod.status?.phase === "Running").length);
    expect(await eventually(cached, (count) => count === 3)).toBe(3);
    await apps.patchNamespacedDeploymentScale({ namespace, name: "informed", body: [{ op: "replace", path: "/spec/replicas", value: 1 }] });
    expect(
      await eventually(
        () => Promise.resolve(informer.list(namespace).length),
        (count) => count === 1,
      ),
    ).toBe(1);
    await apps.deleteNamespacedDeployment({ namespace, name: "informed" });
    expect(
      await eventually(
        () => Promise.resolve(informer.list(namespace).length),
        (count) => count === 0,
      ),
    ).toBe(0);
    expect(seen.delete).toEqual(seen.add);
    expect(seen.add.size).toBe(3);
  } finally {
    await informer.stop();
  }
});

test("a watch tells of every change in order and ends when asked to", async () => {
  const { metadata } = await core.listNamespacedConfigMap({ namespace });
  const heard: string[] = [];
  const watching = await new k8s.Watch(config).watch(
    `/api/v1/namespaces/${namespace}/configmaps`,
    { resourceVersion: metadata?.resourceVersion ?? "", labelSelector: "watched=yes" },
    (type, object: k8s.V1ConfigMap) => void heard.push(`${type} ${object.data?.step ?? ""}`),
    () => {},
  );
  const body = (step: string): k8s.V1ConfigMap => ({ metadata: { name: "steps", labels: { watched: "yes" } }, data: { step } });
  await core.createNamespacedConfigMap({ namespace, body: body("1") });
  for (const step of ["2", "3"]) await core.replaceNamespacedConfigMap({ namespace, name: "steps", body: body(step) });
  await core.deleteNamespacedConfigMap({ namespace, name: "steps" });
  await eventually(
    () => Promise.resolve(heard.length),
    (count) => count === 4,
  );
  expect(heard).toEqual(["ADDED 1", "MODIFIED 2", "MODIFIED 3", "DELETED 3"]);
  watching.abort();
});

test("logs and exec", async () => {
  await core.createNamespacedPod({
    namespace,
    body: { metadata: { name: "shell" }, spec: { containers: [{ name: "sh", image: "busybox:1.36", command: ["sh", "-c", "echo ready; sleep 3600"] }] } },
  });
  await runs("shell");
  expect(
    await eventually(
      () => core.readNamespacedPodLog({ namespace, name: "shell" }),
      (text) => text !== "",
    ),
  ).toBe("ready\n");
  const output = new PassThrough();
  let said = "";
  output.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const status = await new Promise<k8s.V1Status>((done, failed) => {
    new k8s.Exec(config).exec(namespace, "shell", "sh", ["sh", "-c", "echo out; exit 4"], output, new PassThrough(), null, false, done).catch(failed);
  });
  expect(
    await eventually(
      () => Promise.resolve(said),
      (text) => text !== "",
    ),
  ).toBe("out\n");
  expect(status.details?.causes).toEqual([expect.objectContaining({ reason: "ExitCode", message: "4" })]);
});

test("generic objects: apply on the server's side", async () => {
  const objects = k8s.KubernetesObjectApi.makeApiClient(config);
  const spec = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "generic", namespace }, data: { a: "1" } };
  await objects.create(spec);
  await objects.patch({ ...spec, data: { b: "2" } } as k8s.KubernetesObject, undefined, undefined, "someone", true, k8s.PatchStrategy.ServerSideApply);
  expect((await core.readNamespacedConfigMap({ namespace, name: "generic" })).data).toEqual({ a: "1", b: "2" });
});
