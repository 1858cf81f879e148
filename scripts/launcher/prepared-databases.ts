// Databases of nodes, made before the server starts. An actor has one from its first call on, and workerd, which is a single thread, flushes
// the disk four times to make it: for 100 nodes, a quarter of the time of the first Deployment. Of a database that is
// there already it only has to open the log. Nothing depends on it: a node whose database is not prepared gets one as any actor does.
import { createHash, createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { actorName, ROOT_UID } from "../../durable-objects/client/names.ts";
import { nodeName } from "../../workers/node-agent/node-object.ts";
import { databasesIn } from "./leftovers.ts";

/** As Miniflare names the folder of a class: by the Worker and the class. It is also the key from which ids of its objects are derived. */
const NODES_KEY = "paperplane-Node";
const HALF = 16;
/** So many are made while the Worker is bundled, in a third of a second; more would keep the user waiting for what few pods may ever need. */
const PREPARED_MAX = 5000;

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

/** Makes those of the root cluster's nodes that are not there. Only while no server uses the folder. */
export function prepareNodeDatabases(data: string, nodes: number): void {
  const folder = join(databasesIn(data), NODES_KEY);
  mkdirSync(folder, { recursive: true });
  const empty = emptyDatabase();
  for (let index = 1; index <= Math.min(nodes, PREPARED_MAX); index++) {
    const path = join(folder, `${objectId(NODES_KEY, actorName(ROOT_UID, nodeName(index)))}.sqlite`);
    try {
      writeFileSync(path, empty, { flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}
