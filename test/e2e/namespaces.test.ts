// A namespace goes with everything in it; a cluster goes with everything in it.
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually, kubectl as client, manifest } from "../support/kubectl.ts";
import { NGINX, setting, table, withKubectl } from "./setting.ts";

withKubectl("namespaces", () => {
  const here = setting();

  test("a new one has a service account and the root certificate; a deleted one leaves nothing", async () => {
    const { kubectl } = here;
    expect(await kubectl.ok("create namespace doomed")).toBe("namespace/doomed created\n");
    expect(
      await eventually(
        () => kubectl.ok("get serviceaccount,configmap -n doomed -o name"),
        (text) => text.trim().split("\n").length === 2,
      ),
    ).toBe("serviceaccount/default\nconfigmap/kube-root-ca.crt\n");
    await kubectl.ok(["apply", "-n", "doomed", "-f", manifest(NGINX)]);
    for (const words of [
      "create configmap inside",
      "create secret generic inside",
      "create service clusterip inside --tcp=80",
      "create job inside --image=busybox:1.36 -- sleep 1000",
      "create quota inside --hard=pods=50",
      "run bare --image=nginx:1.27",
    ]) {
      await kubectl.ok(`${words} -n doomed`);
    }
    await kubectl.ok("rollout status deployment/nginx-deployment -n doomed --timeout=20s");
    expect(await kubectl.ok("delete namespace doomed --timeout=60s")).toContain('namespace "doomed" deleted');
    expect(await kubectl.fails("get namespace doomed")).toBe('Error from server (NotFound): namespaces "doomed" not found');
    const sorts = (await kubectl.ok("api-resources --verbs=list --namespaced -o name")).trim().replaceAll("\n", ",");
    const left = await kubectl.ok(["get", sorts, "-A", "-o", `jsonpath={.items[?(@.metadata.namespace=="doomed")].metadata.name}`]);
    expect(left.trim()).toBe("");
    await kubectl.ok("create namespace doomed");
    expect(await kubectl.ok("get all -n doomed")).toBe("");
  });

  test("while it ends nothing new comes in; a finalizer holds it", async () => {
    const { kubectl } = here;
    await kubectl.ok("create namespace held");
    await kubectl.ok("create configmap holder -n held");
    await kubectl.ok(["patch", "configmap", "holder", "-n", "held", "-p", '{"metadata":{"finalizers":["example.test/hold"]}}']);
    await kubectl.ok("delete namespace held --wait=false");
    expect(table(await kubectl.ok("get namespace held --no-headers"))[0]?.[1]).toBe("Terminating");
    // What the API knows of namespaces is up to a second old.
    const late = () => kubectl.run(`create configmap late-${Date.now()} -n held`);
    expect((await eventually(late, ({ code }) => code !== 0)).stderr).toContain("because it is being terminated");
    await eventually(
      () => kubectl.ok("get namespace held -o jsonpath={.status.conditions[*].type}"),
      (text) => text.includes("NamespaceFinalizersRemaining"),
    );
    await kubectl.ok(["patch", "configmap", "holder", "-n", "held", "--type=json", "-p", '[{"op":"remove","path":"/metadata/finalizers"}]']);
    expect(
      await eventually(
        () => kubectl.run("get namespace held"),
        ({ code }) => code !== 0,
      ),
    ).toMatchObject({ code: 1 });
  });

  test("the namespaces of the system stay", async () => {
    for (const name of ["default", "kube-system", "kube-public"])
      expect(await here.kubectl.fails(`delete namespace ${name}`)).toContain("this namespace may not be deleted");
  });
});

withKubectl("clusters", () => {
  const here = setting();

  test("create, list, use under its own URL, delete: nothing is left for the next of that name", async () => {
    const { kubectl, server } = here;
    const file = manifest("apiVersion: paperplane.dev/v1\nkind: Cluster\nmetadata:\n  name: second\nspec:\n  nodes: 2\n");
    expect(await kubectl.ok(["apply", "-f", file])).toBe("cluster.paperplane.dev/second created\n");
    expect(await kubectl.ok("get clusters -o name")).toContain("cluster.paperplane.dev/second\n");
    expect(await kubectl.ok("get cluster second -o jsonpath={.spec.nodes}")).toBe("2");
    const config = `${server.kubeconfig}-second`;
    writeFileSync(config, readFileSync(server.kubeconfig, "utf8").replace(/server: .*/, `server: ${server.url}/access/${server.token}/clusters/second`));
    const second = client(config);
    expect(table(await second.ok("get nodes --no-headers")).map((cells) => cells.slice(0, 2))).toEqual([
      ["node-1", "Ready"],
      ["node-2", "Ready"],
    ]);
    await second.ok(["apply", "-f", manifest(NGINX)]);
    await second.ok("rollout status deployment/nginx-deployment --timeout=20s");
    expect(await second.ok("explain pod.spec.nodeName")).toContain("FIELD: nodeName <string>");
    expect(await kubectl.ok("get deployments -A")).toBe("");
    expect(await second.fails("get clusters")).toContain(`the server doesn't have a resource type "clusters"`);

    expect(await kubectl.ok("delete cluster second --timeout=60s")).toContain('cluster.paperplane.dev "second" deleted');
    expect(await kubectl.ok("get clusters --no-headers")).toBe("");
    // What the API knows of names is up to a second old; the cluster itself knows that it is gone, for reads and for writes.
    for (const resource of ["nodes", "pods", "namespaces/default/configmaps", "secrets"]) {
      expect((await server.fetch(`/clusters/second/api/v1/${resource}`)).status, resource).toBe(404);
    }
    const late = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ metadata: { name: "late" } }) };
    expect((await server.fetch("/clusters/second/api/v1/namespaces/default/configmaps", late)).status).toBe(404);
    await kubectl.ok(["apply", "-f", file]);
    const items = await eventually(
      async () => (await (await server.fetch("/clusters/second/apis/apps/v1/deployments")).json()) as { items?: readonly unknown[] },
      (list) => list.items !== undefined,
    );
    expect(items.items).toEqual([]);
  });

  test("many clusters are apart from each other", async () => {
    const { server } = here;
    const post = (path: string, body: object) =>
      server.fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const names = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    for (const name of names)
      expect((await post("/apis/paperplane.dev/v1/clusters", { apiVersion: "paperplane.dev/v1", kind: "Cluster", metadata: { name } })).status).toBe(201);
    await Promise.all(names.map((name) => post(`/clusters/${name}/api/v1/namespaces/default/configmaps`, { metadata: { name: "mine" }, data: { of: name } })));
    const read = await Promise.all(
      names.map(
        async (name) =>
          ((await (await server.fetch(`/clusters/${name}/api/v1/namespaces/default/configmaps/mine`)).json()) as { data: { of: string } }).data.of,
      ),
    );
    expect(read).toEqual(names);
  });
});
