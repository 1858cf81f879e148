// Runs a controller: loads what it wants to see, lets it decide, does what it decided. Knows no controller and no platform.
import type { EpochMs } from "../../shared/base/ports.ts";
import type { Status } from "../../shared/errors/status.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import { splitKey, type Action, type AnyController, type Plan, type Query, type ResourceId, type World } from "../../shared/reconcile/controller.ts";
import type { WriteRequest, WriteResult } from "../../shared/verbs/write-request.ts";
import type { PolicySnapshot } from "../client/policy.ts";
import type { StoreQuery } from "../env.ts";
import { ViewCache } from "../client/view-cache.ts";
import type { EventRecorder } from "./event-recorder.ts";
import { admissionContext, prepareCreations, type Submitter } from "./submitter.ts";
import type { WorkQueue } from "./work-queue.ts";

/** Roots that are looked at side by side in one round. */
const ROUND = 100;

export interface RunnerPorts {
  readonly submitter: Submitter;
  readonly policy: PolicySnapshot;
  readonly recorder: EventRecorder;
  /** The kind whose objects a resource stores. */
  kindOf(resource: ResourceId): AnyKind | undefined;
  report(problem: { readonly controller: string; readonly key: string; readonly message: string }): void;
}
interface Work {
  readonly key: string;
  readonly failures: number;
  readonly root: KubeObject | undefined;
  readonly world: World;
  readonly now: EpochMs;
}
type Refused = { readonly status: Status; readonly action?: Action };

export class ControllerRunner {
  readonly #controller: AnyController;
  readonly #ports: RunnerPorts;
  readonly #seen = new ViewCache();

  constructor(controller: AnyController, ports: RunnerPorts) {
    this.#controller = controller;
    this.#ports = ports;
  }

  /** One round: what hints mean, then the roots whose time has come. What fails comes again later; nothing is thrown. */
  async round(queue: WorkQueue): Promise<void> {
    const now = this.#ports.submitter.ports.now();
    try {
      for (const key of await this.#expand(queue.takeHints(now))) queue.add(key, now);
      queue.expanded();
    } catch (error) {
      this.#report("", error);
      queue.putBack(now);
    }
    const due = queue.takeDue(now, ROUND);
    if (due.length === 0) return;
    let loaded: { readonly roots: readonly (KubeObject | undefined)[]; readonly worlds: readonly World[] };
    try {
      const roots = await this.#roots(due.map(({ key }) => key));
      loaded = { roots, worlds: await this.#worlds(due.map(({ key }, index) => this.#controller.needs(key, roots[index]))) };
    } catch (error) {
      this.#report(due[0]?.key ?? "", error);
      for (const { key, failures } of due) this.#later(queue, key, failures, now);
      return;
    }
    const { roots, worlds } = loaded;
    await Promise.all(due.map(({ key, failures }, index) => this.#reconcile(queue, { key, failures, root: roots[index], world: worlds[index] ?? {}, now })));
  }

  async #reconcile(queue: WorkQueue, work: Work): Promise<void> {
    try {
      await this.#decideAndDo(queue, work);
      queue.done(work.key);
    } catch (error) {
      this.#report(work.key, error);
      this.#later(queue, work.key, work.failures, work.now);
    }
  }

  #later(queue: WorkQueue, key: string, failures: number, now: EpochMs): void {
    queue.failed(key, failures, now);
    queue.done(key);
  }
  #report(key: string, error: unknown): void {
    this.#ports.report({ controller: this.#controller.name, key, message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }

  async #decideAndDo(queue: WorkQueue, work: Work): Promise<void> {
    const { key, failures, now } = work;
    const plan: Plan = this.#controller.reconcile(key, work.root, work.world, now);
    const refused = await this.#perform(plan.actions);
    if (refused) {
      // Losing a race is ordinary: the world is loaded again and looked at anew. Other failures the controller can tell of.
      if (refused.status.code !== 409) await this.#tell(work, refused);
      // As upstream: replica_set.go manageReplicas does not try again where any creation will fail.
      if (!isEnding(refused.status)) queue.failed(key, failures, now);
    } else if (plan.requeueAfterMs !== undefined) {
      queue.add(key, now + plan.requeueAfterMs);
    }
  }

  /** What a controller has to say about a refusal; a second refusal is left at that. */
  async #tell(work: Work, refused: Refused): Promise<void> {
    const { key, root, world, now } = work;
    const plan = this.#controller.reconcile(key, root, { ...world, failure: [refused] }, now);
    const actions = plan.actions.filter((action) => action.do === "event" || ("subresource" in action && action.subresource === "status"));
    if (actions.length === 0 && !isEnding(refused.status))
      this.#ports.report({ controller: this.#controller.name, key, message: refused.status.message ?? "" });
    await this.#perform(actions);
  }

  async #expand(hints: readonly string[]): Promise<string[]> {
    const { expand } = this.#controller;
    if (!expand) return [...hints];
    const needs = hints.map((hint) => expand.needs(hint));
    const worlds = await this.#worlds(needs.map((queries) => queries ?? {}));
    return hints.flatMap((hint, index) => (needs[index] ? expand.keys(hint, worlds[index] ?? {}) : [hint]));
  }

  async #roots(keys: readonly string[]): Promise<(KubeObject | undefined)[]> {
    const { root } = this.#controller;
    const kind = root === undefined ? undefined : this.#ports.kindOf(root);
    if (!kind) return keys.map(() => undefined);
    const texts = await this.#ports.submitter.stores.read(kind, keys.map(splitKey));
    return texts.map((text) => (text === undefined ? undefined : (JSON.parse(text) as KubeObject)));
  }

  /** Loads several worlds with one call to each store. */
  async #worlds(needs: readonly Readonly<Record<string, Query>>[]): Promise<World[]> {
    const worlds: Record<string, unknown[]>[] = needs.map(() => ({}));
    const byStore = new Map<ResourceId, { query: StoreQuery; into: (found: readonly unknown[]) => void }[]>();
    const everywhere = needs.some((queries) => Object.values(queries).some((query) => this.#resourcesOf(query) === undefined));
    const live = everywhere ? await this.#ports.submitter.stores.live() : { all: [], owned: [] };
    const anywhere = ({ ownerUids, namespace }: Query): readonly ResourceId[] =>
      (ownerUids ? live.owned : live.all).filter((resource) => namespace === undefined || this.#ports.kindOf(resource)?.namespaced !== false);
    needs.forEach((queries, index) => {
      for (const [name, query] of Object.entries(queries)) {
        const { view, resource: _resource, ...conditions } = query;
        const found: unknown[] = [];
        (worlds[index] ??= {})[name] = found;
        for (const resource of this.#resourcesOf(query) ?? anywhere(query)) {
          const wanted = {
            query: { view: `${this.#controller.name}/${view}`, ...conditions },
            into: (more: readonly unknown[]) => {
              for (const one of more) found.push(one);
            },
          };
          const list = byStore.get(resource);
          if (list) list.push(wanted);
          else byStore.set(resource, [wanted]);
        }
      }
    });
    await Promise.all([...byStore].map(([resource, wanted]) => this.#load(resource, wanted)));
    return worlds;
  }

  /** Stores that a query goes to; undefined: all that exist. */
  #resourcesOf(query: Query): readonly ResourceId[] | undefined {
    const declared = this.#controller.views[query.view]?.resource;
    if (declared !== undefined && declared !== "*") return [declared];
    return query.resource === undefined ? undefined : [query.resource];
  }

  async #load(resource: ResourceId, wanted: readonly { query: StoreQuery; into: (found: readonly unknown[]) => void }[]): Promise<void> {
    const answers = await this.#ports.submitter.stores.query(
      resource,
      wanted.map(({ query }) => query),
      this.#seen,
    );
    wanted.forEach(({ into }, index) => into(answers[index] ?? []));
  }

  /** Does the actions in order; neighbours that go to the same store travel together. Returns the first refusal. */
  async #perform(actions: readonly Action[]): Promise<Refused | undefined> {
    for (let start = 0; start < actions.length;) {
      const first = actions[start];
      if (!first) break;
      let end = start + 1;
      while (end < actions.length && sameStore(first, actions[end])) end++;
      const refused = await this.#batch(actions.slice(start, end));
      if (refused) return refused;
      start = end;
    }
    return undefined;
  }

  async #batch(actions: readonly Action[]): Promise<Refused | undefined> {
    const [first] = actions;
    if (!first) return undefined;
    if (first.do === "event") {
      await this.#ports.recorder.record(
        actions.flatMap((action) => (action.do === "event" ? [{ ...action, component: this.#controller.component ?? this.#controller.name }] : [])),
      );
      return undefined;
    }
    const kind = this.#ports.kindOf(first.resource);
    if (!kind) throw new Error(`${this.#controller.name}: no kind for ${first.resource}`);
    const requests = first.do === "create" ? await this.#creations(kind, actions) : actions.map((action) => this.#request(kind, action));
    // Neighbours of one that cannot be written are written all the same, unless nothing may be made here.
    const failed = requests.find((request): request is Refused => "status" in request);
    const sent = requests.flatMap((request, index) => ("status" in request ? [] : [{ request, action: actions[index] }]));
    if (sent.length === 0) return failed;
    const results = await this.#ports.submitter.stores.write(
      first.resource,
      sent.map(({ request }) => request),
    );
    for (const [index, result] of results.entries()) {
      const refused = refusalOf(sent[index]?.action, result);
      if (refused) return refused;
    }
    return failed;
  }

  async #creations(kind: AnyKind, actions: readonly Action[]): Promise<(WriteRequest | Refused)[]> {
    const writes = actions.flatMap((action) =>
      action.do === "create" ? [{ kind, object: action.object, namespace: action.object.metadata?.namespace ?? "" }] : [],
    );
    const prepared = await prepareCreations(this.#ports.submitter, this.#ports.policy, writes);
    return prepared.map((result, index) => {
      if (result.ok) return result.value.request;
      const action = actions[index];
      return { status: result.error, ...(action ? { action } : {}) };
    });
  }

  #request(kind: AnyKind, action: Action): WriteRequest {
    const common = {
      group: kind.group,
      version: kind.version,
      user: admissionContext(this.#ports.submitter).user,
      options: { fieldManager: this.#ports.submitter.manager, brief: true },
    };
    switch (action.do) {
      case "update": {
        const { namespace = "", name = "" } = action.object.metadata ?? {};
        const { kind: _kind, apiVersion: _apiVersion, ...rest } = action.object;
        return { ...common, verb: "update", namespace, name, text: JSON.stringify(rest), ...(action.subresource ? { subresource: action.subresource } : {}) };
      }
      case "patch":
        return {
          ...common,
          verb: "patch",
          namespace: action.namespace,
          name: action.name,
          patchType: action.type,
          text: JSON.stringify(action.patch),
          ...(action.subresource ? { subresource: action.subresource } : {}),
        };
      case "delete":
        return {
          ...common,
          verb: "delete",
          namespace: action.namespace,
          name: action.name,
          delete: {
            ...(action.uid === undefined ? {} : { uid: action.uid }),
            ...(action.resourceVersion === undefined ? {} : { resourceVersion: action.resourceVersion }),
            ...(action.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: action.gracePeriodSeconds }),
            ...(action.propagation === undefined ? {} : { propagationPolicy: action.propagation }),
          },
        };
      case "deleteCollection":
        return { ...common, verb: "deleteCollection", namespace: action.namespace, name: "", delete: { propagationPolicy: "Background" }, selection: {} };
      default:
        throw new Error(`${action.do} is no single request`);
    }
  }
}

const sameStore = (a: Action, b: Action | undefined): boolean => {
  if (!b || (a.do === "event") !== (b.do === "event") || (a.do === "create") !== (b.do === "create")) return false;
  return a.do === "event" || (b.do !== "event" && a.resource === b.resource);
};

/** What is already gone needs no deleting; everything else that was refused counts. */
function refusalOf(action: Action | undefined, result: WriteResult): Refused | undefined {
  if (result.ok) return undefined;
  if (action?.do === "delete" && result.status.code === 404) return undefined;
  return { status: result.status, ...(action ? { action } : {}) };
}

/** Nothing can be made in a namespace that is going away; that is no problem to report. */
const isEnding = (status: Status): boolean => status.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") ?? false;
