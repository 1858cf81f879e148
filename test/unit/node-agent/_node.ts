// A simulated node on a desk: pods go in, time passes, effects are collected.
import type { ConfigMap, Pod, Secret, Service } from "../../../shared/kinds/_generated/types.ts";
import { IMAGES } from "../../../workers/node-agent/images/index.ts";
import { kubelet } from "../../../workers/node-agent/kubelet.ts";
import type { Effect, NodeConfig, NodeState, NodeWorld, PodEvent, Profile } from "../../../shared/sim/node.ts";
import { EMPTY_NODE } from "../../../shared/sim/node.ts";

export const T0 = Date.UTC(2026, 10, 21, 12, 0, 0);
export interface WorldFacts {
  configMaps?: Record<string, Record<string, string>>;
  secrets?: Record<string, Record<string, string>>;
  services?: Record<string, string>;
}
export const worldOf = (facts: WorldFacts = {}): NodeWorld => ({
  configMap: (_namespace, name) => (facts.configMaps?.[name] ? ({ metadata: { name }, data: facts.configMaps[name] } as ConfigMap) : undefined),
  secret: (_namespace, name) =>
    facts.secrets?.[name]
      ? ({ metadata: { name }, data: Object.fromEntries(Object.entries(facts.secrets[name]).map(([key, value]) => [key, btoa(value)])) } as Secret)
      : undefined,
  services: (namespace): Service[] =>
    Object.entries(facts.services ?? {})
      .filter(([name]) => (name === "kubernetes") === (namespace === "default") || namespace === "default")
      .map(([name, ip]) => ({ metadata: { name, namespace }, spec: { clusterIP: ip, ports: [{ port: 80, protocol: "TCP" }] } })),
});
export const podOf = (name: string, spec: Pod["spec"], metadata: Pod["metadata"] = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", uid: `uid-${name}`, generation: 1, ...metadata },
  spec: { restartPolicy: "Always", terminationGracePeriodSeconds: 30, nodeName: "node-1", enableServiceLinks: true, serviceAccountName: "default", ...spec },
});
export const configOf = (profile: Profile = "instant"): NodeConfig => ({
  name: "node-1",
  uid: "uid-node-1",
  ip: "172.18.0.3",
  podCIDR: "10.244.1.0/24",
  profile,
});

export interface Desk {
  state: NodeState;
  nextAt: number | undefined;
  step(at: number, input?: { changed?: Pod[]; gone?: string[]; disturbed?: string[] }): Effect[];
}
/** `evicts`: the node forgets everything but its stored state before each step. */
export function desk(options: { profile?: Profile; world?: NodeWorld; evicts?: boolean; dice?: (below: number) => number } = {}): Desk {
  const make = (): ReturnType<typeof kubelet> => kubelet(IMAGES, configOf(options.profile));
  let agent = make();
  const self: Desk = {
    state: EMPTY_NODE,
    nextAt: undefined,
    step(at, input = {}) {
      if (options.evicts) {
        agent = make();
        const stored = JSON.parse(JSON.stringify({ pods: [...self.state.pods], images: [...self.state.images] })) as { pods: []; images: [] };
        self.state = { pods: new Map(stored.pods), images: new Set(stored.images) };
      }
      const { state, effects, nextAt } = agent.stepNode(self.state, { changed: [], gone: [], ...input }, options.world ?? worldOf(), at, {
        dice: options.dice ?? (() => 0),
      });
      self.state = state;
      self.nextAt = nextAt;
      return [...effects];
    },
  };
  return self;
}
export const eventsOf = (effects: readonly Effect[]): PodEvent[] => effects.flatMap((one) => (one.do === "event" ? [one.event] : []));
export const statusOf = (effects: readonly Effect[]): NonNullable<Pod["status"]> | undefined =>
  effects.flatMap((one) => (one.do === "status" ? [one.status] : [])).at(-1);
