// Simulated nodes as objects: what a kubelet 1.36.3 on containerd says of itself. As upstream: pkg/kubelet/nodestatus/setters.go.
import type { EpochMs } from "../../shared/base/ports.ts";
import type { Node, NodeCondition } from "../../shared/kinds/_generated/types.ts";
import { fnv32a } from "../../shared/meta/hash.ts";
import { rfc3339 } from "../../shared/meta/time.ts";
import type { NodeConfig, Profile } from "../../shared/sim/node.ts";
import { NODE_CAPACITY } from "./downward.ts";
import { hexDigest } from "./registry.ts";

export const NODE_VERSION = "v1.36.3";
const NAME = /^node-(\d{1,5})$/;
/** Addresses that the cluster itself needs come first. */
const IP_OFFSET = 2;
const FAR = 20_000;

export const nodeName = (index: number): string => `node-${index}`;
/** Nodes that a cluster is born with are numbered; any other name gets a number of its own far away. */
const indexOf = (name: string): number => {
  const match = NAME.exec(name);
  return match ? Number(match[1]) : FAR + (fnv32a(name) % FAR);
};

/** What is fixed about a node, from its name alone; `podCIDR` where its object already has one. */
export function nodeConfig(
  name: string,
  facts: { readonly profile: Profile; readonly podCIDR?: string; readonly uid?: string; readonly ip?: string },
): NodeConfig {
  const index = indexOf(name);
  const host = index + IP_OFFSET;
  return {
    name,
    uid: facts.uid ?? name,
    ip: facts.ip ?? `172.${18 + (host >> 16)}.${(host >> 8) & 255}.${host & 255}`,
    podCIDR: facts.podCIDR ?? `10.${244 + ((index >> 8) % 11)}.${index & 255}.0/24`,
    profile: facts.profile,
  };
}

function conditions(now: EpochMs): NodeCondition[] {
  const time = rfc3339(now);
  const make = (type: string, status: string, reason: string, message: string): NodeCondition => ({
    lastHeartbeatTime: time,
    lastTransitionTime: time,
    message,
    reason,
    status,
    type,
  });
  return [
    make("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    make("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    make("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    make("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
  ];
}
const guid = (hex: string): string => [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");

/** The Node object of a simulated node. */
export function nodeObject(config: NodeConfig, now: EpochMs): Node {
  const id = hexDigest(config.name);
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: config.name,
      labels: {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": config.name,
        "kubernetes.io/os": "linux",
      },
      annotations: { "node.alpha.kubernetes.io/ttl": "0", "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
    },
    spec: { podCIDR: config.podCIDR, podCIDRs: [config.podCIDR], providerID: `paperplane://${config.name}` },
    status: {
      addresses: [
        { address: config.ip, type: "InternalIP" },
        { address: config.name, type: "Hostname" },
      ],
      allocatable: { ...NODE_CAPACITY },
      capacity: { ...NODE_CAPACITY },
      conditions: conditions(now),
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        architecture: "amd64",
        bootID: guid(hexDigest(`${config.name} boot`)),
        containerRuntimeVersion: "containerd://2.2.0",
        kernelVersion: "6.12.0",
        kubeProxyVersion: "",
        kubeletVersion: NODE_VERSION,
        machineID: id.slice(0, 32),
        operatingSystem: "linux",
        osImage: "Paperplane (simulated)",
        systemUUID: guid(id),
      },
    },
  };
}
/** The nodes that a cluster is born with: for the bootstrap of the store of nodes. */
export const bornNodes = (cluster: { readonly nodes: number }, now: EpochMs): Node[] =>
  Array.from({ length: cluster.nodes }, (_, i) => nodeObject(nodeConfig(nodeName(i + 1), { profile: "instant" }), now));
