// Which cluster a URL speaks of: `/clusters/<name>/...`, or the root cluster at `/`.
import { isDNS1123Label } from "../../shared/meta/names.ts";
import { ROOT_CLUSTER, type Cluster } from "../../shared/kinds/paperplane/cluster.ts";
import { Stores } from "../../durable-objects/client/stores.ts";
import type { ActorEnv, ClusterRef, TimingProfile } from "../../durable-objects/env.ts";
import type { Registry } from "./registry.ts";

/** What one isolate remembers of names; an entry is asked for again after a second. */
export interface ClusterDirectory {
  readonly known: Map<string, { readonly cluster: ClusterRef; readonly at: number }>;
}
interface Found {
  readonly cluster: ClusterRef;
  readonly base: string;
  readonly path: string;
}
const MAX_AGE_MS = 1000;
const KNOWN_MAX = 20_000;
const ROOT_UID = "root";

const timingOf = (text: string | undefined): TimingProfile => (text === "realistic" ? "realistic" : "instant");

/** The root cluster needs no record: it is what the deployment was configured to be. */
export function rootCluster(env: ActorEnv): ClusterRef {
  const nodes = Number(env.NODES ?? "3");
  return { uid: ROOT_UID, name: ROOT_CLUSTER, nodes: Number.isInteger(nodes) && nodes >= 0 ? nodes : 3, timing: timingOf(env.TIMING) };
}

export interface ClusterLookup {
  readonly env: ActorEnv;
  readonly path: string;
  readonly directory: ClusterDirectory;
  readonly registry: Registry;
  readonly now: number;
}

/** Undefined: there is no such cluster. Names are checked before they reach any store. */
export async function clusterOf(lookup: ClusterLookup): Promise<Found | undefined> {
  const { env, path } = lookup;
  const match = /^\/clusters\/([^/]+)(\/.*)?$/.exec(path);
  if (!match) return { cluster: rootCluster(env), base: "", path };
  const name = match[1] ?? "";
  const rest = match[2] ?? "/";
  const base = `/clusters/${name}`;
  if (name === ROOT_CLUSTER) return { cluster: rootCluster(env), base, path: rest };
  if (isDNS1123Label(name).length > 0) return undefined;
  const cluster = await named(lookup, name);
  return cluster && { cluster, base, path: rest };
}

async function named({ env, directory, registry, now }: ClusterLookup, name: string): Promise<ClusterRef | undefined> {
  const known = directory.known.get(name);
  if (known && now - known.at < MAX_AGE_MS) return known.cluster;
  const kind = registry.find("paperplane.dev", "v1", "clusters");
  if (!kind) return undefined;
  const [text] = await new Stores(env, rootCluster(env)).read(kind, [{ namespace: "", name }]);
  const record = text === undefined ? undefined : (JSON.parse(text) as Cluster);
  if (!record || record.metadata?.deletionTimestamp) {
    directory.known.delete(name);
    return undefined;
  }
  const cluster = { uid: record.metadata?.uid ?? "", name, nodes: record.spec?.nodes ?? 3, timing: timingOf(record.spec?.timing) };
  if (directory.known.size >= KNOWN_MAX) directory.known.clear();
  directory.known.set(name, { cluster, at: now });
  return cluster;
}
