// All loads by name.
import type { LoadOptions, Session } from "../session.ts";
import { clusters } from "./clusters.ts";
import { list } from "./lists.ts";
import { create, get, rate } from "./requests.ts";
import { watch } from "./watches.ts";
import { deploy, deployAndDelete, nodes, pods } from "./workloads.ts";

export interface Load {
  readonly what: string;
  readonly needsNamespace: boolean;
  readonly defaults: Partial<LoadOptions>;
  run(session: Session): Promise<void>;
}
const inNamespace = (what: string, run: Load["run"], defaults: Partial<LoadOptions> = {}): Load => ({ what, needsNamespace: true, defaults, run });

export const LOADS: Readonly<Record<string, Load>> = {
  create: inNamespace("ConfigMaps created as fast as it goes", create),
  get: inNamespace("the same, then each of them read", get),
  rate: inNamespace("ConfigMaps created at a fixed rate, whatever the server does", rate, { rate: 200 }),
  list: inNamespace("pods created, then listed whole and in chunks of 500", list, { count: 10_000 }),
  watch: inNamespace("events for many watchers, in a burst or (-r) at a rate", watch, { count: 200 }),
  deploy: inNamespace("one Deployment until every pod is Available", deploy, { count: 100 }),
  undeploy: inNamespace("one Deployment, then its deletion until every pod is gone", deployAndDelete, { count: 100 }),
  pods: inNamespace("single pods until every one is bound", pods, { count: 10_000 }),
  nodes: { what: "waits until so many nodes are Ready", needsNamespace: false, defaults: { count: 3 }, run: nodes },
  clusters: { what: "new clusters until each answers (Paperplane only)", needsNamespace: false, defaults: { count: 100, connections: 1 }, run: clusters },
};
