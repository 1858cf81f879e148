// Which cluster a URL speaks of: `/clusters/<name>/...`, or the root cluster at `/`.
import { nothingKnown } from "../../durable-objects/client/census.ts";
import { ROOT_UID } from "../../durable-objects/client/names.ts";
import { Stores, type NewbornStores } from "../../durable-objects/client/stores.ts";
import type { ActorEnv, ClusterRef } from "../../durable-objects/env.ts";
import type { EpochMs } from "../../shared/base/ports.ts";
import { ROOT_CLUSTER } from "../../shared/kinds/paperplane/cluster.ts";
import { isDNS1123Label } from "../../shared/meta/names.ts";
import { clusterOfRecord, holdRecord, keepsSomething, readRecord, timingOf } from "./cluster-record.ts";

/** A cluster that keeps something; `hold` is there while it does not, and must be done before it does. */
interface Named {
  readonly cluster: ClusterRef;
  readonly hold?: () => Promise<void>;
}
export interface Found extends Named {
  /** What stands before the path in URLs of this cluster: "" or `/clusters/<name>`. */
  readonly base: string;
  readonly path: string;
}
/** An entry is asked for again after so long. */
const MAX_AGE_MS = 1000;
const KNOWN_MAX = 20_000;

/** What one isolate knows of clusters by name. */
export class ClusterDirectory {
  readonly #newborns: NewbornStores;
  /** Those that keep something: of others every request reads the record, so that none misses the first write. */
  readonly #known = new Map<string, { readonly cluster: ClusterRef; readonly at: EpochMs }>();
  readonly #rootKnown = nothingKnown();
  #root: ClusterRef | undefined;

  constructor(newborns: NewbornStores) {
    this.#newborns = newborns;
  }

  /** Undefined: there is no such cluster. Names are checked before they reach any store. */
  async find(env: ActorEnv, path: string, now: EpochMs): Promise<Found | undefined> {
    const match = path.startsWith("/clusters/") ? /^\/clusters\/([^/]+)(\/.*)?$/.exec(path) : null;
    if (!match) return { cluster: await this.#rootCluster(env), base: "", path };
    const name = match[1] ?? "";
    const rest = match[2] ?? "/";
    const base = `/clusters/${name}`;
    if (name === ROOT_CLUSTER) return { cluster: await this.#rootCluster(env), base, path: rest };
    if (isDNS1123Label(name).length > 0) return undefined;
    const named = await this.#named(env, name, now);
    return named && { ...named, base, path: rest };
  }

  /** The root cluster needs no record: it is what the deployment was configured to be when somebody first asked. */
  async #rootCluster(env: ActorEnv): Promise<ClusterRef> {
    if (this.#root) return this.#root;
    const asked = Number(env.NODES ?? "3");
    const nodes = Number.isInteger(asked) && asked >= 0 ? asked : 3;
    return (this.#root = await env.CLUSTER.getByName(ROOT_UID).settle({ uid: ROOT_UID, name: ROOT_CLUSTER, nodes, timing: timingOf(env.TIMING) }));
  }

  async #named(env: ActorEnv, name: string, now: EpochMs): Promise<Named | undefined> {
    const known = this.#known.get(name);
    if (known && now - known.at < MAX_AGE_MS) return known;
    const root = new Stores(env, await this.#rootCluster(env), { newborns: this.#newborns, known: this.#rootKnown });
    const record = await readRecord(root, name);
    if (!record || record.metadata?.deletionTimestamp) {
      this.#known.delete(name);
      return undefined;
    }
    const cluster = clusterOfRecord(record);
    if (!keepsSomething(record)) return { cluster, hold: () => holdRecord(root, cluster) };
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(name, { cluster, at: now });
    return { cluster };
  }
}
