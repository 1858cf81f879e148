// Nodes in the hands of kubectl: cordon, drain, taints, selectors.
import { expect, test } from "vitest";
import { eventually } from "../support/kubectl.ts";
import { setting, table, withKubectl } from "./setting.ts";

withKubectl("nodes", () => {
  const here = setting({ nodes: 3 });
  const nodesOf = async (app: string) =>
    (await here.kubectl.ok(`get pods -l app=${app} -o jsonpath={.items[*].spec.nodeName}`)).split(" ").filter((name) => name !== "");
  const status = async (node: string) => table(await here.kubectl.ok(`get node ${node} --no-headers`))[0]?.[1];

  test("a cordoned node gets no pods, an uncordoned one does", async () => {
    const { kubectl } = here;
    expect(await kubectl.ok("cordon node-1 node-2")).toBe("node/node-1 cordoned\nnode/node-2 cordoned\n");
    expect(await status("node-1")).toBe("Ready,SchedulingDisabled");
    await kubectl.ok("create deployment kept --image=nginx:1.27 --replicas=4");
    await kubectl.ok("rollout status deployment/kept --timeout=20s");
    expect(new Set(await nodesOf("kept"))).toEqual(new Set(["node-3"]));
    await kubectl.ok("uncordon node-1 node-2");
    expect(await status("node-1")).toBe("Ready");
    await kubectl.ok("scale deployment/kept --replicas=10");
    await kubectl.ok("rollout status deployment/kept --timeout=20s");
    expect(new Set(await nodesOf("kept"))).toEqual(new Set(["node-1", "node-2", "node-3"]));
  });

  test("drain empties a node, and its pods come up elsewhere", async () => {
    const { kubectl } = here;
    expect(await kubectl.ok("drain node-2 --ignore-daemonsets --delete-emptydir-data --timeout=40s")).toContain("node/node-2 drained");
    expect(await status("node-2")).toBe("Ready,SchedulingDisabled");
    await kubectl.ok("rollout status deployment/kept --timeout=20s");
    const now = await eventually(
      () => nodesOf("kept"),
      (names) => names.length === 10,
    );
    expect(now).not.toContain("node-2");
    await kubectl.ok("uncordon node-2");
  });

  test("a bare pod stops a drain unless forced", async () => {
    const { kubectl } = here;
    await kubectl.ok(["run", "bare", "--image=nginx:1.27", '--overrides={"spec":{"nodeName":"node-1"}}']);
    await kubectl.ok("wait --for=condition=Ready pod/bare --timeout=20s");
    expect(await kubectl.fails("drain node-1 --ignore-daemonsets --timeout=20s")).toContain("cannot delete Pods that declare no controller");
    await kubectl.ok("drain node-1 --ignore-daemonsets --force --timeout=40s");
    expect(await kubectl.fails("get pod bare")).toContain("NotFound");
    await kubectl.ok("uncordon node-1");
  });

  test("taints: NoSchedule keeps new pods away, NoExecute drives pods off", async () => {
    const { kubectl } = here;
    expect(await kubectl.ok("taint nodes node-3 role=special:NoExecute")).toBe("node/node-3 tainted\n");
    expect(
      await eventually(
        () => nodesOf("kept"),
        (names) => names.length === 10 && !names.includes("node-3"),
      ),
    ).not.toContain("node-3");
    await kubectl.ok("taint nodes node-3 role-");
    await kubectl.ok("taint nodes --all only=me:NoSchedule");
    await kubectl.ok("run refused --image=nginx:1.27");
    const event = await eventually(
      () => kubectl.ok("events --for pod/refused"),
      (text) => text.includes("FailedScheduling"),
    );
    expect(event).toContain("0/3 nodes are available: 3 node(s) had untolerated taint(s)");
    expect(table(await kubectl.ok("get pod refused --no-headers"))[0]?.[2]).toBe("Pending");
    await kubectl.ok("taint nodes --all only-");
    expect(await kubectl.ok("wait --for=condition=Ready pod/refused --timeout=20s")).toContain("condition met");
  });
});
