// The composition of the simulated cluster: the production bricks in the production shells, and a client that asks as a user does.
import { clusterActor } from "../../durable-objects/actors/cluster.ts";
import { controllerActor } from "../../durable-objects/actors/controller.ts";
import { nodeActor } from "../../durable-objects/actors/node.ts";
import { resourceStoreActor } from "../../durable-objects/actors/resource-store.ts";
import { schedulerActor } from "../../durable-objects/actors/scheduler.ts";
import { resourceIdOf } from "../../durable-objects/client/names.ts";
import { PolicySnapshot } from "../../durable-objects/client/policy.ts";
import { Stores } from "../../durable-objects/client/stores.ts";
import type { ActorEnv, ClusterRef } from "../../durable-objects/env.ts";
import { platformPorts } from "../../durable-objects/platform/ports.ts";
import { prepareWrites, type Submitter } from "../../durable-objects/runtime/submitter.ts";
import { Newborns } from "../../durable-objects/store/newborn.ts";
import { ADMISSION } from "../../shared/admission/index.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import { KINDS } from "../../shared/kinds/index.ts";
import type { Status } from "../../shared/errors/status.ts";
import type { ResourceId } from "../../shared/reconcile/controller.ts";
import type { DeleteOptions, WriteRequest, WriteResult } from "../../shared/verbs/write-request.ts";
import { birth } from "../../workers/birth.ts";
import { ALL_CONTROLLERS } from "../../workers/controllers.ts";
import { IMAGES } from "../../workers/node-agent/images/index.ts";
import { kubelet } from "../../workers/node-agent/kubelet.ts";
import { nodeConfig } from "../../workers/node-agent/node-object.ts";
import { PLUGINS } from "../../workers/scheduler/plugins/index.ts";
import { WATCHED } from "../../workers/scheduler/watched.ts";
import { SUBSCRIPTIONS, VIEWS } from "../../workers/subscriptions.ts";
import type { Instance } from "./_host.ts";
import { Simulation } from "./_simulation.ts";
import { pause } from "./_socket.ts";

const newborns = new Newborns({ kinds: KINDS, views: VIEWS, ports: platformPorts, bootstrap: birth });
type Actor = new (ctx: never, env: ActorEnv) => unknown;
const ACTORS: Readonly<Record<string, Actor>> = {
  STORE: resourceStoreActor({
    kinds: KINDS,
    subscriptions: SUBSCRIPTIONS,
    views: VIEWS,
    admission: ADMISSION,
    bootstrap: birth,
  }),
  CONTROLLER: controllerActor({ controllers: ALL_CONTROLLERS, kinds: KINDS, plugins: ADMISSION, newborns }),
  SCHEDULER: schedulerActor({ plugins: PLUGINS, kinds: KINDS, admission: ADMISSION, watched: WATCHED, newborns }),
  NODE: nodeActor({ kinds: KINDS, admission: ADMISSION, newborns, kubelet: (config) => kubelet(IMAGES, config), config: nodeConfig }),
  CLUSTER: clusterActor({ release: () => Promise.resolve() }),
};
function make(family: string, ctx: unknown, env: ActorEnv): Instance {
  const actor = ACTORS[family];
  if (!actor) throw new Error(`no actor ${family}`);
  return new actor(ctx as never, env) as Instance;
}

const KIND_OF = new Map<ResourceId, AnyKind>(KINDS.filter((kind) => !kind.conversion).map((kind) => [resourceIdOf(kind), kind]));
const USER = { username: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] };
const RETRY_MS = 700;
/** Answers that a client tries again after. */
const PASSING: readonly number[] = [403, 409, 429, 500, 503, 504];

export class System {
  readonly simulation: Simulation;
  readonly cluster: ClusterRef;
  readonly stores: Stores;
  readonly #submitter: Submitter;
  readonly #policy = new PolicySnapshot();
  /** What is stored, or never needed to be, read past every fault: for checks, not for actors. */
  readonly objects = new Map<ResourceId, Map<string, KubeObject>>();

  constructor(seed: number, nodes: number) {
    this.simulation = new Simulation(seed, make);
    this.cluster = { uid: `sim-${seed}`, name: "sim", nodes, timing: "instant", birth: { at: this.simulation.clock.now, seed: `sim-${seed}` } };
    this.stores = new Stores(this.simulation.env, this.cluster, { newborns });
    for (const resource of newborns.resources) {
      const born = birth(resource, this.cluster).map((object) => [`${object.metadata?.namespace ?? ""}/${object.metadata?.name ?? ""}`, object] as const);
      this.objects.set(resource, new Map(born));
    }
    this.#submitter = { stores: this.stores, ports: this.simulation.clock.ports, username: USER.username, manager: "kubectl", plugins: ADMISSION };
  }

  kind(resource: ResourceId): AnyKind {
    const kind = KIND_OF.get(resource);
    if (!kind) throw new Error(`no kind for ${resource}`);
    return kind;
  }
  /** Tries until there is an answer that is not a passing failure. */
  async #insist(what: string, ask: () => Promise<WriteResult | undefined>, settled: (status: Status) => boolean): Promise<WriteResult | undefined> {
    for (let attempt = 1; attempt < 10_000; attempt++) {
      try {
        const result = await ask();
        if (result && (result.ok || settled(result.status))) {
          this.simulation.log(`user: ${what}: ${result.ok ? result.code : result.status.code}`);
          return result;
        }
        if (result && !result.ok && !PASSING.includes(result.status.code)) throw new Refused(`${what}: ${result.status.message}`);
      } catch (error) {
        if (error instanceof Refused) throw error;
      }
      await pause(RETRY_MS);
    }
    throw new Refused(`${what}: no answer`);
  }

  /** As `kubectl apply` of a new object: it is there in the end. */
  async create(resource: ResourceId, object: KubeObject): Promise<void> {
    const kind = this.kind(resource);
    const { namespace = "", name = "" } = object.metadata ?? {};
    await this.#insist(
      `create ${resource} ${namespace}/${name}`,
      async () => {
        const [prepared] = await prepareWrites(this.#submitter, this.#policy, [{ kind, object: structuredClone(object), namespace }]);
        if (!prepared?.ok) return prepared && { ok: false, status: prepared.error };
        return (await this.stores.write(resource, [prepared.value.request]))[0];
      },
      // An object of that name that is going away is waited for; another one is ours, whose answer was lost.
      ({ code, message }) => code === 409 && !message?.includes("is being deleted"),
    );
  }
  async patch(resource: ResourceId, at: { readonly namespace: string; readonly name: string }, patch: unknown): Promise<void> {
    const request = { ...this.#common(resource, at), verb: "patch" as const, patchType: "strategic" as const, text: JSON.stringify(patch) };
    await this.#insist(
      `patch ${resource} ${at.namespace}/${at.name} ${JSON.stringify(patch)}`,
      async () => (await this.stores.write(resource, [request]))[0],
      ({ code }) => code === 404,
    );
  }
  async delete(resource: ResourceId, at: { readonly namespace: string; readonly name: string }, options: DeleteOptions = {}): Promise<void> {
    const request: WriteRequest = { ...this.#common(resource, at), verb: "delete", delete: options };
    await this.#insist(
      `delete ${resource} ${at.namespace}/${at.name}`,
      async () => (await this.stores.write(resource, [request]))[0],
      ({ code }) => code === 404 || (code === 409 && options.uid !== undefined),
    );
  }
  #common(resource: ResourceId, at: { readonly namespace: string; readonly name: string }) {
    const { group, version } = this.kind(resource);
    return { group, version, namespace: at.namespace, name: at.name, user: USER, options: { fieldManager: "kubectl" } };
  }

  list<T extends KubeObject = KubeObject>(resource: ResourceId, namespace?: string): T[] {
    const all = [...(this.objects.get(resource)?.values() ?? [])] as T[];
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata?.namespace === namespace);
  }
}
class Refused extends Error {}
