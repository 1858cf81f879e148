// Databases of actors that the first workloads need, made before the server starts. An actor has one from its first call on, and workerd,
// which is a single thread, makes three files for it and flushes the disk four times: for 100 nodes, a third of the time of the first
// Deployment. Files that are there already it only has to open. Nothing depends on them: an actor whose database is not prepared gets one.
import { createHash, createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { actorName, ROOT_UID } from "../../durable-objects/client/names.ts";
import { nodeName } from "../../workers/node-agent/node-object.ts";
import { databasesIn } from "./leftovers.ts";

/** How many nodes' are made while the Worker is bundled, in half a second; more would keep the user waiting for what few pods may ever need. */
const NODES_MAX = 5000;
/** By class: those of the root cluster that the first namespace, the first pod and the first Deployment wake, and whoever watches. */
export const FIRST_ACTORS = {
  ResourceStore: [
    "/configmaps",
    "/endpoints",
    "/events",
    "/namespaces",
    "/nodes",
    "/pods",
    "/secrets",
    "/serviceaccounts",
    "/services",
    "apps/deployments",
    "apps/replicasets",
    "discovery.k8s.io/endpointslices",
  ],
  Controller: [
    "deployment-controller",
    "endpoints-controller",
    "endpointslice-controller",
    "endpointslice-mirroring-controller",
    "garbage-collector-controller",
    "namespace-controller",
    "pod-garbage-collector-controller",
    "replicaset-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
  ],
  Scheduler: ["default-scheduler"],
} as const;

const HALF = 16;
/** The id of a named object, 64 hexadecimal digits. As workerd: src/workerd/server/actor-id-impl.c++, `idFromName`. */
function objectId(uniqueKey: string, name: string): string {
  const key = createHash("sha256").update(uniqueKey).digest();
  const half = (text: string | Buffer): Buffer => createHmac("sha256", key).update(text).digest().subarray(0, HALF);
  const first = half(name);
  return Buffer.concat([first, half(first)]).toString("hex");
}

/** A database without tables that has a write-ahead log: one page. */
function emptyDatabase(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "paperplane-"));
  try {
    const path = join(folder, "empty.sqlite");
    const database = new DatabaseSync(path);
    database.exec("PRAGMA journal_mode=WAL");
    database.close();
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Makes the database of an actor that has none, with the files that are beside it while it is in use. */
function prepare(path: string, empty: Buffer): void {
  try {
    writeFileSync(path, empty, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw error;
  }
  for (const suffix of ["-wal", "-shm"]) writeFileSync(`${path}${suffix}`, "");
}

/** Makes those that are not there, of a root cluster with so many nodes. Only while no server uses the folder. */
export function prepareDatabases(data: string, nodes: number): void {
  const empty = emptyDatabase();
  const Node = Array.from({ length: Math.min(nodes, NODES_MAX) }, (_, index) => nodeName(index + 1));
  for (const [className, actors] of Object.entries({ ...FIRST_ACTORS, Node })) {
    // As Miniflare names the folder of a class: by the Worker and the class. It is also the key from which ids of its objects are derived.
    const key = `paperplane-${className}`;
    const folder = join(databasesIn(data), key);
    mkdirSync(folder, { recursive: true });
    for (const actor of actors) prepare(join(folder, `${objectId(key, actorName(ROOT_UID, actor))}.sqlite`), empty);
  }
}
