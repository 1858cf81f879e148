// Fetches the objects that a node's pods look at: ConfigMaps, Secrets and Services, in batched reads.
import type { ConfigMap, Pod, Secret, Service } from "../../shared/kinds/_generated/types.ts";
import type { Kubelet, NodeWorld } from "../../shared/sim/node.ts";
import type { Key } from "../env.ts";
import type { Stores } from "../client/stores.ts";

const CORE = { group: "", version: "v1" };
export const EMPTY_WORLD: NodeWorld = { configMap: () => undefined, secret: () => undefined, services: () => [] };
const join = (namespace: string, name: string): string => `${namespace}/${name}`;

async function readAll<T>(stores: Stores, resource: string, keys: ReadonlyMap<string, Key>): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  if (keys.size === 0) return found;
  const texts = await stores.readFrom(resource, CORE, [...keys.values()]);
  [...keys.keys()].forEach((key, i) => {
    const text = texts[i];
    if (text !== undefined) found.set(key, JSON.parse(text) as T);
  });
  return found;
}
async function readServices(stores: Stores, namespaces: ReadonlySet<string>): Promise<Map<string, Service[]>> {
  const list = [...namespaces];
  if (list.length === 0) return new Map();
  const found = await stores.query<Service>(
    "/services",
    list.map((namespace) => ({ view: "text", namespace })),
  );
  return new Map(list.map((namespace, i) => [namespace, found[i] ?? []]));
}

/** The world as these pods see it now. */
export async function loadWorld(stores: Stores, kubelet: Kubelet, pods: readonly Pod[], options: { readonly everything?: boolean } = {}): Promise<NodeWorld> {
  const configMaps = new Map<string, Key>();
  const secrets = new Map<string, Key>();
  const namespaces = new Set<string>();
  for (const pod of pods) {
    const namespace = pod.metadata?.namespace ?? "";
    const needs = kubelet.needs(pod);
    for (const name of needs.configMaps) configMaps.set(join(namespace, name), { namespace, name });
    for (const name of needs.secrets) secrets.set(join(namespace, name), { namespace, name });
    if (options.everything) configMaps.set(join(namespace, "kube-root-ca.crt"), { namespace, name: "kube-root-ca.crt" });
    if (needs.services || options.everything) namespaces.add(namespace).add("default");
  }
  if (configMaps.size === 0 && secrets.size === 0 && namespaces.size === 0) return EMPTY_WORLD;
  const [maps, hidden, services] = await Promise.all([
    readAll<ConfigMap>(stores, "/configmaps", configMaps),
    readAll<Secret>(stores, "/secrets", secrets),
    readServices(stores, namespaces),
  ]);
  return {
    configMap: (namespace, name) => maps.get(join(namespace, name)),
    secret: (namespace, name) => hidden.get(join(namespace, name)),
    services: (namespace) => services.get(namespace) ?? [],
  };
}
