// The record of a cluster, an object of the root cluster: what it says of the cluster, and the finalizer by which it knows whether
// anything is stored. The finalizer comes before the first thing that is stored, and goes when the last one is gone.
import type { Stores } from "../../durable-objects/client/stores.ts";
import { DESTROYED } from "../../durable-objects/client/names.ts";
import type { ClusterRef, TimingProfile } from "../../durable-objects/env.ts";
import { clusterKind, STORAGE_FINALIZER, type Cluster } from "../../shared/kinds/paperplane/cluster.ts";
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import { parseTime } from "../../shared/meta/time.ts";
import type { PatchType, WriteResult } from "../../shared/verbs/write-request.ts";

const SYSTEM = { username: "system:paperplane", groups: ["system:masters"] };
const KIND = clusterKind as unknown as AnyKind;
const RESOURCE = `${KIND.group}/${KIND.resource}`;

export const timingOf = (text: string | undefined): TimingProfile => (text === "realistic" ? "realistic" : "instant");

export function clusterOfRecord({ metadata = {}, spec = {} }: Cluster): ClusterRef {
  const { uid = "", name = "", creationTimestamp = "" } = metadata;
  return { uid, name, nodes: spec.nodes ?? 0, timing: timingOf(spec.timing), birth: { at: parseTime(creationTimestamp) ?? 0, seed: uid } };
}
/** Whether the cluster may have stored something. */
export const keepsSomething = ({ metadata }: Cluster): boolean => metadata?.finalizers?.includes(STORAGE_FINALIZER) === true;

/** `root`: the stores of the root cluster, as for all that follows. Undefined: there is no cluster of that name, or not any more. */
export async function readRecord(root: Stores, name: string): Promise<Cluster | undefined> {
  const [text] = await root.read(KIND, [{ namespace: "", name }]);
  return text === undefined ? undefined : (JSON.parse(text) as Cluster);
}

/** The cluster is about to store something: from now on its record outlives its deletion until that is gone. */
export async function holdRecord(root: Stores, cluster: ClusterRef): Promise<void> {
  const result = await patched(root, cluster, "strategic", [STORAGE_FINALIZER]);
  if (result?.ok) return;
  // Gone, going, or another one of that name.
  if (result && [404, 409, 422].includes(result.status.code ?? 0)) throw new Error(DESTROYED);
  throw new Error(result?.status.message ?? "the store gave no answer");
}

/** Nothing of the cluster is left: its record is let go. */
export async function releaseRecord(root: Stores, cluster: ClusterRef): Promise<void> {
  const record = await readRecord(root, cluster.name);
  if (record?.metadata?.uid !== cluster.uid) return;
  const others = (record.metadata.finalizers ?? []).filter((finalizer) => finalizer !== STORAGE_FINALIZER);
  const result = await patched(root, cluster, "merge", others);
  if (result && !result.ok && result.status.code !== 404) throw new Error(result.status.message);
}

async function patched(root: Stores, { uid, name }: ClusterRef, patchType: PatchType, finalizers: readonly string[]): Promise<WriteResult | undefined> {
  const [result] = await root.write(RESOURCE, [
    {
      group: KIND.group,
      version: KIND.version,
      verb: "patch",
      namespace: "",
      name,
      patchType,
      text: JSON.stringify({ metadata: { uid, finalizers } }),
      user: SYSTEM,
      options: { fieldManager: "paperplane" },
    },
  ]);
  return result;
}
