// What must hold at every step, whatever goes wrong: looked at on every write of every store.
import type { Node, Pod } from "../../shared/kinds/_generated/types.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { milliValue, quantityValue } from "../../shared/meta/quantity.ts";
import type { System } from "./_system.ts";

/** Watches the databases of the stores: every row that is written passes here. */
export function check(system: System): void {
  const { simulation } = system;
  const versions = new Map<string, number>();
  const nodeOf = new Map<string, string>();
  simulation.observers.push((host, { namespace, name, written }) => {
    const resource = host.name.slice(host.name.indexOf("|") + 1);
    if (!written) {
      system.objects.get(resource)?.delete(`${namespace}/${name}`);
      return;
    }
    const { resourceVersion: version, text } = written;
    const object = JSON.parse(text) as KubeObject;
    const before = versions.get(resource) ?? 0;
    if (version <= before) simulation.fail(`[Y1] ${resource} ${namespace}/${name}: version ${version} after ${before}`);
    if (Number(object.metadata?.resourceVersion) !== version)
      simulation.fail(`[Y1] ${resource} ${namespace}/${name} says it is of version ${object.metadata?.resourceVersion}, its row ${version}`);
    versions.set(resource, version);
    let objects = system.objects.get(resource);
    if (!objects) system.objects.set(resource, (objects = new Map()));
    objects.set(`${namespace}/${name}`, object);
    if (resource === "/pods") checkPod(system, object as Pod, nodeOf);
  });
}

const lives = ({ status }: Pod): boolean => status?.phase !== "Succeeded" && status?.phase !== "Failed";
const total = (pod: Pod, resource: "cpu" | "memory", read: (quantity: string) => bigint): bigint =>
  (pod.spec?.containers ?? []).reduce((sum, { resources }) => sum + read(String(resources?.requests?.[resource] ?? "0")), 0n);

function checkPod(system: System, pod: Pod, nodeOf: Map<string, string>): void {
  const { simulation } = system;
  const { uid = "", name = "", namespace = "" } = pod.metadata ?? {};
  const node = pod.spec?.nodeName ?? "";
  const bound = nodeOf.get(uid);
  if (bound !== undefined && bound !== node) simulation.fail(`[Y3] pod ${namespace}/${name} moved from ${bound} to ${node}`);
  if (node === "") return;
  if (bound === undefined) {
    nodeOf.set(uid, node);
    checkCapacity(system, node);
  }
  const ip = pod.status?.podIP;
  if (!ip || !lives(pod)) return;
  const twin = system.list<Pod>("/pods").find((other) => other.metadata?.uid !== uid && other.status?.podIP === ip && lives(other) && !other.spec?.hostNetwork);
  if (twin && !pod.spec?.hostNetwork) simulation.fail(`[Y4] pods ${name} on ${node} and ${twin.metadata?.name} on ${twin.spec?.nodeName} both have ${ip}`);
}

function checkCapacity(system: System, name: string): void {
  const node = system.list<Node>("/nodes").find(({ metadata }) => metadata?.name === name);
  if (!node) return;
  const pods = system.list<Pod>("/pods").filter((pod) => pod.spec?.nodeName === name && lives(pod));
  const { cpu = "0", memory = "0", pods: most = "0" } = (node.status?.allocatable ?? {}) as Record<string, string>;
  const used = pods.reduce((sum, pod) => sum + total(pod, "cpu", milliValue), 0n);
  if (used > milliValue(cpu)) system.simulation.fail(`[Y5] node ${name} has ${cpu} cpus and pods that ask for ${used}m`);
  const bytes = pods.reduce((sum, pod) => sum + total(pod, "memory", quantityValue), 0n);
  if (bytes > quantityValue(memory)) system.simulation.fail(`[Y5] node ${name} has ${memory} and pods that ask for ${bytes}`);
  if (BigInt(pods.length) > quantityValue(most)) system.simulation.fail(`[Y5] node ${name} has ${pods.length} pods`);
}
