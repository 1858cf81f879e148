// A node that falls silent: Unknown, tainted, emptied, and back. Its grace period is the real one, so this takes a minute.
import { expect, test } from "vitest";
import { eventually, manifest } from "../support/kubectl.ts";
import { setting, table, withKubectl } from "./setting.ts";

const GRACE_MS_MAX = 90_000;
const WEB = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 4
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      tolerations:
      - { key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 1 }
      containers:
      - { name: web, image: "nginx:1.27" }
`;

withKubectl("a silent node", () => {
  const here = setting({ nodes: 2 });
  const status = async (node: string) => table(await here.kubectl.ok(`get node ${node} --no-headers`))[0]?.[1];
  const hosts = async (): Promise<readonly string[]> => {
    const text = await here.kubectl.ok([
      "get",
      "pods",
      "-l",
      "app=web",
      "-o",
      "jsonpath={range .items[?(@.status.phase=='Running')]}{.spec.nodeName}:{.metadata.deletionTimestamp};{end}",
    ]);
    return text.split(";").filter((line) => line !== "");
  };

  test("turns Unknown, is tainted, and its pods are replaced elsewhere; it comes back", async () => {
    const { kubectl } = here;
    await kubectl.ok(["apply", "-f", manifest(WEB)]);
    await kubectl.ok("rollout status deployment/web --timeout=20s");
    expect(new Set(await hosts())).toEqual(new Set(["node-1:", "node-2:"]));

    await kubectl.ok("annotate node node-2 paperplane.dev/silent=true");
    await eventually(
      () => status("node-2"),
      (word) => word === "NotReady",
      GRACE_MS_MAX,
    );
    expect(await kubectl.ok(["get", "node", "node-2", "-o", "jsonpath={.status.conditions[?(@.type=='Ready')]['status','reason']}"])).toBe(
      "Unknown NodeStatusUnknown",
    );
    expect(await kubectl.ok("get node node-2 -o jsonpath={.spec.taints[*].key}")).toContain("node.kubernetes.io/unreachable");
    // The dead node's pods cannot end while nobody is there to end them: they stay, being deleted, beside their successors.
    const alive = await eventually(
      async () => (await hosts()).filter((line) => line.endsWith(":")),
      (lines) => lines.length === 4 && lines.every((line) => line === "node-1:"),
    );
    expect(alive).toHaveLength(4);
    expect(await kubectl.ok("rollout status deployment/web --timeout=20s")).toContain("successfully rolled out");

    await kubectl.ok("annotate node node-2 paperplane.dev/silent-");
    expect(await kubectl.ok("wait --for=condition=Ready node/node-2 --timeout=30s")).toContain("condition met");
    await eventually(hosts, (lines) => lines.length === 4 && lines.every((line) => line.endsWith(":")));
    expect(await kubectl.ok("get node node-2 -o jsonpath={.spec.taints}")).toBe("");
  });
});
