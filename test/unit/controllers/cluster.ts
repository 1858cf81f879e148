// A cluster in memory, small enough to read: it keeps objects, does what plans say and lets controllers run until nothing is left
// to do, in an order that a seed decides. Everything handed to a controller is frozen, so that a mutation fails the test.
import { cloneJson, isObject, type JsonObject } from "../../../shared/base/json.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import { rfc3339 } from "../../../shared/meta/time.ts";
import { type AnyObject, freeze, matches, merge } from "./cluster-parts.ts";
import { type Action, type AnyController, keyOf, type Query, type World } from "../../../shared/reconcile/controller.ts";

export interface Event {
  readonly about: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}
export interface Options {
  readonly controllers: readonly AnyController[];
  readonly seed?: number;
  /** Answers a failure to make a write fail. */
  readonly refuse?: (action: Action) => { message: string; reason: string; code: number; details?: unknown } | undefined;
}

export class TestCluster {
  now = Date.parse("2026-01-01T00:00:00Z");
  readonly events: Event[] = [];
  readonly writes: Action[] = [];
  readonly #objects = new Map<string, Map<string, AnyObject>>();
  readonly #queues = new Map<AnyController, Map<string, number>>();
  readonly #options: Options;
  #counter = 0;
  #dice: number;
  refuse: Options["refuse"];
  /** Pods become ready as soon as they run on a node; set to false to keep them from it. */
  podsBecomeReady = true;

  constructor(options: Options) {
    this.#options = options;
    this.#dice = options.seed ?? 1;
    this.refuse = options.refuse;
    for (const controller of options.controllers) this.#queues.set(controller, new Map());
  }
  roll(below: number): number {
    this.#dice = (Math.imul(this.#dice, 1_103_515_245) + 12_345) >>> 0;
    return (this.#dice >>> 8) % below;
  }

  list<T extends KubeObject>(resource: string): T[] {
    return [...(this.#objects.get(resource)?.values() ?? [])].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) as unknown as T[];
  }
  get<T extends KubeObject>(resource: string, key: string): T | undefined {
    return this.#objects.get(resource)?.get(key.includes("/") ? key : `default/${key}`) as unknown as T | undefined;
  }

  create(resource: string, object: KubeObject): KubeObject {
    const made = cloneJson(object) as AnyObject;
    const metadata = (made.metadata ??= {});
    if (metadata.name === undefined) metadata.name = `${metadata.generateName}${++this.#counter}`;
    if (this.get(resource, keyOf(made)) !== undefined) throw new Error(`${resource} ${keyOf(made)} already exists`);
    metadata.uid ??= `uid-${++this.#counter}`;
    metadata.creationTimestamp = rfc3339(this.now);
    metadata.generation = 1;
    if (resource === "/pods") made.status = { phase: "Pending", ...made.status };
    this.#commit(resource, made, undefined);
    return made;
  }
  change(resource: string, key: string, change: (object: AnyObject) => void): void {
    const old = this.get(resource, key) as AnyObject | undefined;
    if (old === undefined) throw new Error(`no ${resource} ${key}`);
    const next = cloneJson(old);
    change(next);
    if (JSON.stringify(next) === JSON.stringify(old)) return;
    if (JSON.stringify(next.spec) !== JSON.stringify(old.spec) && next.metadata?.generation) next.metadata.generation++;
    const gone = next.metadata?.deletionTimestamp !== undefined && !next.metadata.finalizers?.length && !this.#held(resource, next);
    if (gone) this.#remove(resource, old);
    else this.#commit(resource, next, old);
  }
  delete(resource: string, key: string, propagation?: string): void {
    const old = this.get(resource, key) as AnyObject | undefined;
    if (old === undefined) return;
    this.change(resource, key, (next) => {
      const metadata = (next.metadata ??= {});
      if (propagation === "Foreground") metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), "foregroundDeletion"])];
      if (propagation === "Orphan") metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), "orphan"])];
      metadata.deletionTimestamp ??= rfc3339(this.now);
    });
  }
  /** A pod on a node waits for the node's agent; a namespace for its spec.finalizers. */
  #held(resource: string, object: AnyObject): boolean {
    if (resource === "/pods") return object.spec?.["nodeName"] !== undefined && object.metadata?.deletionGracePeriodSeconds !== 0;
    return resource === "/namespaces" && ((object.spec?.["finalizers"] as string[] | undefined)?.length ?? 0) > 0;
  }
  #commit(resource: string, next: AnyObject, old: AnyObject | undefined): void {
    next.metadata = { ...next.metadata, resourceVersion: String(++this.#counter) };
    const objects = this.#objects.get(resource) ?? new Map<string, AnyObject>();
    this.#objects.set(resource, objects);
    objects.set(keyOf(next), freeze(next));
    this.#notify(resource, next, old);
  }
  #remove(resource: string, old: AnyObject): void {
    this.#objects.get(resource)?.delete(keyOf(old));
    this.#counter++;
    this.#notify(resource, undefined, old);
  }
  #notify(resource: string, next: AnyObject | undefined, old: AnyObject | undefined): void {
    for (const [controller, queue] of this.#queues) {
      for (const trigger of controller.triggers) {
        if (trigger.resource !== resource && trigger.resource !== "*") continue;
        for (const hint of trigger.hints(next, old, resource)) queue.set(hint, this.now);
      }
    }
  }

  #load(controller: AnyController, queries: Readonly<Record<string, Query>>): World {
    const world: Record<string, unknown[]> = {};
    for (const [name, query] of Object.entries(queries)) {
      const view = controller.views[query.view];
      if (view === undefined) throw new Error(`${controller.name} has no view ${query.view}`);
      const resources = view.resource !== "*" ? [view.resource] : query.resource !== undefined ? [query.resource] : [...this.#objects.keys()];
      world[name] = resources.flatMap((resource) =>
        this.list(resource)
          .filter((object) => matches(object as AnyObject, query))
          .map((object) => view.project(object)),
      );
    }
    return freeze(world);
  }

  #do(action: Action, controller: AnyController): void {
    this.writes.push(action);
    switch (action.do) {
      case "event": {
        const { kind, metadata } = action.about;
        this.events.push({ about: `${kind}/${metadata?.name}`, type: action.type, reason: action.reason, message: action.message });
        break;
      }
      case "create":
        this.create(action.resource, action.object);
        break;
      case "update":
        this.change(action.resource, keyOf(action.object), (next) => {
          if (next.metadata?.resourceVersion !== action.object.metadata?.resourceVersion) throw new Error("Conflict");
          const { metadata, ...rest } = cloneJson(action.object);
          for (const key of Object.keys(next)) delete next[key];
          Object.assign(next, rest);
          next.metadata = { ...metadata };
        });
        break;
      case "patch":
        this.#patch(action);
        break;
      case "delete": {
        const old = this.get(action.resource, `${action.namespace}/${action.name}`);
        if (old === undefined) break;
        if (action.uid !== undefined && action.uid !== old.metadata?.uid) throw new Error(`${controller.name}: wrong uid`);
        if (action.gracePeriodSeconds === 0 && action.resource === "/pods") {
          this.#remove(action.resource, old as AnyObject);
        } else this.delete(action.resource, keyOf(old), action.propagation);
        break;
      }
      case "deleteCollection":
        for (const object of this.list(action.resource)) {
          if (object.metadata?.namespace === action.namespace) this.delete(action.resource, keyOf(object));
        }
    }
  }
  #patch(action: Action & { do: "patch" }): void {
    const patch = cloneJson(action.patch) as JsonObject;
    const metadata = isObject(patch["metadata"]) ? patch["metadata"] : {};
    const old = this.get(action.resource, `${action.namespace}/${action.name}`);
    if (old === undefined) throw new Error(`no ${action.resource} ${action.namespace}/${action.name}`);
    for (const key of ["uid", "resourceVersion"] as const) {
      if (metadata[key] !== undefined && metadata[key] !== old.metadata?.[key]) throw new Error("Conflict");
      delete metadata[key];
    }
    this.change(action.resource, keyOf(old), (next) => {
      if (action.subresource === undefined) delete patch["status"];
      merge(next as unknown as JsonObject, patch, action.type === "strategic" ? "strategic" : undefined);
    });
  }

  /** Adds a key by hand, as a start of the process does for every object. */
  enqueueAll(): void {
    for (const [resource, objects] of this.#objects) for (const object of objects.values()) this.#notify(resource, object, undefined);
  }
  /** Node agents: pods get a node, run, become ready, and go when told to. */
  tickNodes(): boolean {
    const before = this.#counter;
    for (const pod of this.list<AnyObject>("/pods")) {
      if (pod.metadata?.deletionTimestamp !== undefined) {
        this.change("/pods", keyOf(pod), (next) => {
          if (next.metadata) next.metadata.deletionGracePeriodSeconds = 0;
        });
        continue;
      }
      if (pod.status?.["phase"] !== "Pending") continue;
      this.change("/pods", keyOf(pod), (next) => {
        (next.spec ??= {})["nodeName"] ??= `node-${this.roll(3)}`;
        if (!this.podsBecomeReady) return;
        const ready = { type: "Ready", status: "True", lastTransitionTime: rfc3339(this.now) };
        next.status = { phase: "Running", podIP: `10.0.0.${this.roll(250)}`, conditions: [ready] };
      });
    }
    return this.#counter !== before;
  }

  /** Works until no controller has anything due. Answers how many rounds it took. */
  run(options: { readonly nodes?: boolean; readonly rounds?: number } = {}): number {
    const { nodes = true, rounds = 20_000 } = options;
    for (let round = 0; round < rounds; round++) {
      const due = [...this.#queues].flatMap(([controller, queue]) => [...queue].filter(([, time]) => time <= this.now).map(([key]) => ({ controller, key })));
      const pick = due[this.roll(Math.max(1, due.length))];
      if (pick) this.#work(pick.controller, pick.key);
      if (nodes && (pick === undefined || this.roll(4) === 0)) {
        if (this.tickNodes()) continue;
      }
      if (pick === undefined) return round;
    }
    throw new Error(`no fixed point after ${rounds} rounds: ${JSON.stringify(this.writes.slice(-6))}`);
  }
  #work(controller: AnyController, hint: string): void {
    const queue = this.#queues.get(controller);
    queue?.delete(hint);
    const queries = controller.expand?.needs(hint);
    if (queries !== undefined) {
      for (const key of controller.expand?.keys(hint, this.#load(controller, queries)) ?? []) queue?.set(key, this.now);
      return;
    }
    this.reconcile(controller, hint);
  }
  plan(controller: AnyController, key: string, failure?: unknown): ReturnType<AnyController["reconcile"]> {
    const root = controller.root === undefined ? undefined : this.get(controller.root, key);
    const world = { ...this.#load(controller, controller.needs(key, root)), ...(failure === undefined ? {} : { failure: [failure] }) };
    return freeze(controller.reconcile(key, root, world, this.now));
  }
  reconcile(controller: AnyController, key: string, failure?: unknown): void {
    const { actions, requeueAfterMs } = this.plan(controller, key, failure);
    const queue = this.#queues.get(controller);
    for (const action of actions) {
      const status = this.refuse?.(action);
      if (status !== undefined) {
        if (failure !== undefined) throw new Error("refused twice");
        this.reconcile(controller, key, { action, status });
        queue?.set(key, this.now + 1000);
        return;
      }
      this.#do(action, controller);
    }
    if (requeueAfterMs !== undefined) {
      const at = Math.min(this.now + requeueAfterMs, queue?.get(key) ?? Infinity);
      queue?.set(key, at);
    }
  }
  advance(ms: number): void {
    this.now += ms;
    this.run();
  }
  /** Every controller's answer to every root is: nothing to do. */
  leftOver(): Action[] {
    return this.#options.controllers.flatMap((controller) =>
      controller.root === undefined ? [] : this.list(controller.root).flatMap((root) => this.plan(controller, keyOf(root)).actions),
    );
  }
  eventTexts(kind: string): string[] {
    return this.events.filter((event) => event.about.startsWith(`${kind}/`)).map((event) => `${event.type} ${event.reason} ${event.message}`);
  }
}
