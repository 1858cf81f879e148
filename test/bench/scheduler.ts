// Prints how many pods a second the scheduler places, for several sizes and sorts of pods. Run: node test/bench/scheduler.ts
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { Ledger } from "../../shared/scheduling/ledger.ts";
import { projectNode } from "../../shared/scheduling/project-others.ts";
import { projectPod } from "../../shared/scheduling/project-pod.ts";
import { SchedulingQueue } from "../../shared/scheduling/queue.ts";
import { SchedulingCycle } from "../../shared/scheduling/schedule.ts";
import { PLUGINS } from "../../workers/scheduler/plugins/index.ts";

const HOST = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";

const node = (index: number): KubeObject =>
  ({
    metadata: { name: `node-${index}`, labels: { [HOST]: `node-${index}`, [ZONE]: `zone-${index % 3}`, "kubernetes.io/os": "linux" } },
    status: { allocatable: { cpu: "32", memory: "256Gi", pods: "110" } },
  }) as KubeObject;

const pod = (index: number, app: string, spec: object): KubeObject =>
  ({
    metadata: {
      uid: `uid-${index}`,
      namespace: "default",
      name: `pod-${index}`,
      creationTimestamp: "2026-01-01T00:00:00Z",
      labels: { app },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: app, uid: `rs-${app}`, controller: true }],
    },
    spec: {
      schedulerName: "default-scheduler",
      containers: [{ name: "c", image: "nginx:1", resources: { requests: { cpu: "50m", memory: "64Mi" } } }],
      tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }],
      ...spec,
    },
  }) as KubeObject;

const selector = (app: string): object => ({ labelSelector: { matchLabels: { app } } });
const SORTS: Readonly<Record<string, (app: string) => object>> = {
  plain: () => ({}),
  spread: (app) => ({ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: "DoNotSchedule", ...selector(app) }] }),
  "anti-affinity": (app) => ({
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: { topologyKey: HOST, ...selector(app) } }],
      },
    },
  }),
  unschedulable: () => ({ nodeSelector: { no: "such" } }),
};

function run(nodes: number, pods: number, apps: number, sort: string): void {
  const ledger = new Ledger();
  for (let index = 0; index < nodes; index++) ledger.putNode(projectNode(node(index)));
  const queue = new SchedulingQueue(PLUGINS);
  let seed = 1;
  const dice = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const cycle = new SchedulingCycle({ plugins: PLUGINS, dice });
  const spec = SORTS[sort];
  if (!spec) return;
  const objects = Array.from({ length: pods }, (_, index) => pod(index, `app-${index % apps}`, spec(`app-${index % apps}`)));
  const start = performance.now();
  for (const object of objects) queue.put(ledger.shapes.podInfo(projectPod(object)), { gated: false }, 0);
  const queued = performance.now();
  let bound = 0;
  for (let batch = queue.take(500, 0); batch.length > 0; batch = queue.take(500, 0)) {
    for (const decision of cycle.schedule(batch, ledger, 0)) {
      if (decision.do === "bind") {
        bound++;
        queue.remove(decision.pod.uid);
      } else queue.refused(decision.pod.uid, decision.plugins, 0);
    }
  }
  const end = performance.now();
  const rate = (ms: number): string => String(Math.round((pods / ms) * 1000)).padStart(8);
  console.log(
    `${sort.padEnd(14)} ${String(nodes).padStart(5)} nodes ${String(apps).padStart(4)} apps: ${rate(end - queued)} pods/s scheduled, ` +
      `${rate(queued - start)} pods/s taken in, ${bound}/${pods} bound`,
  );
}

for (const sort of Object.keys(SORTS)) {
  for (const nodes of [100, 1000, 5000]) {
    for (const apps of [1, 50, 1000]) run(nodes, Math.min(5_000, nodes * 100), apps, sort);
  }
}
