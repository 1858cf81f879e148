// What a scheduler's actor does when its alarm rings: takes in what changed, decides, writes. Knows nothing of the platform.
import type { AdmissionPlugin } from "../../shared/admission/plugin.ts";
import { BATCH_MAX } from "../../shared/base/limits.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import { type ResourceId, splitKey } from "../../shared/reconcile/controller.ts";
import type { EventFact } from "../../shared/reconcile/event-object.ts";
import type { AnyPlugin, VolumeChoice } from "../../shared/scheduling/framework.ts";
import { eventNote } from "../../shared/scheduling/messages.ts";
import { isWish, parseNotice } from "../../shared/scheduling/notice.ts";
import type { PodInfo } from "../../shared/scheduling/pod-info.ts";
import type { Bind, Decision, Unschedulable } from "../../shared/scheduling/schedule.ts";
import { Scheduler as PureScheduler, type Watched, type WatchedSort } from "../../shared/scheduling/scheduler.ts";
import type { PodView } from "../../shared/scheduling/views.ts";
import { bindingBody, displacedPatch, preemptedMessage, refusalPatch, scheduledMessage, victimPatch, VOLUME_WRITES } from "../../shared/scheduling/writes.ts";
import type { WriteRequest, WriteResult } from "../../shared/verbs/write-request.ts";
import { resourceIdOf } from "../client/names.ts";
import type { NewbornStores, Stores } from "../client/stores.ts";
import type { Key } from "../env.ts";
import { platformPorts } from "../platform/ports.ts";
import { EventRecorder } from "./event-recorder.ts";

export interface SchedulerBricks {
  readonly plugins: readonly AnyPlugin[];
  readonly kinds: readonly AnyKind[];
  readonly admission: readonly AdmissionPlugin[];
  readonly newborns: NewbornStores;
  /** What it watches, in the order in which it is loaded; views are named `scheduler/sort`. */
  readonly watched: readonly { readonly sort: WatchedSort; readonly resource: ResourceId }[];
}
const PODS = "/pods";
const USER = { username: "system:kube-scheduler", groups: ["system:authenticated"] };
const MANAGER = "kube-scheduler";
interface RunnerOptions {
  readonly profile: string;
  readonly stores: Stores;
  readonly notices: Set<string>;
}
/** The work of one alarm, over what is known of the cluster. */
export class SchedulerRunner {
  readonly #scheduler: PureScheduler;
  readonly #bricks: SchedulerBricks;
  readonly #profile: string;
  readonly #stores: Stores;
  readonly #recorder: EventRecorder;
  /** What was heard and not yet looked up. */
  readonly #notices: Set<string>;

  constructor(bricks: SchedulerBricks, options: RunnerOptions) {
    const events = bricks.kinds.find((kind) => resourceIdOf(kind) === "/events" && !kind.conversion);
    if (!events) throw new Error("no kind for events");
    this.#bricks = bricks;
    this.#profile = options.profile;
    this.#stores = options.stores;
    this.#notices = options.notices;
    const submitter = { stores: options.stores, ports: platformPorts, username: USER.username, manager: MANAGER, plugins: bricks.admission };
    this.#recorder = new EventRecorder(submitter, events);
    this.#scheduler = new PureScheduler({ profile: options.profile, plugins: bricks.plugins, dice: platformPorts.dice });
  }

  static async load(bricks: SchedulerBricks, options: RunnerOptions): Promise<SchedulerRunner> {
    const runner = new SchedulerRunner(bricks, options);
    return runner.#load().then(() => runner);
  }
  /** Some pods wait for a node, so that every change may matter. */
  get isWaiting(): boolean {
    return this.#scheduler.isWaiting;
  }
  /** When there is next something to do. */
  nextAt(): number | undefined {
    const now = platformPorts.now();
    const wished = this.isWaiting || Array.from(this.#notices).some(isWish);
    return this.#notices.size > 0 && wished ? now : this.#scheduler.nextAt(now);
  }

  /** Learns everything anew. */
  async #load(): Promise<void> {
    // What is heard from here on may be missing in the answers; what was heard before is not.
    this.#notices.clear();
    const { watched } = this.#bricks;
    const answers = await Promise.all(watched.map(({ sort, resource }) => this.#stores.query(resource, [{ view: `scheduler/${sort}` }])));
    const now = platformPorts.now();
    for (const [index, { sort }] of watched.entries()) {
      for (const view of answers[index]?.[0] ?? []) this.#scheduler.put({ sort, view } as Watched, now);
    }
  }

  /** Takes in what changed, decides for a batch, writes it. False: nobody was left to decide for. */
  async round(): Promise<boolean> {
    await this.#refresh();
    const now = platformPorts.now();
    const { queue } = this.#scheduler;
    const decisions = this.#scheduler.decide(BATCH_MAX, now);
    if (decisions.length === 0) return false;
    const facts = await this.#write(decisions, now);
    for (const decision of decisions) {
      if (decision.do === "bind") continue;
      // After a fresh start all that wait are looked at once more; what they were told already is not said again.
      if (decision.pod.refusal === decision.message && queue.attempts(decision.pod.uid) <= 1) continue;
      facts.push(this.#event(decision.pod, "Warning", "FailedScheduling", decision.message));
    }
    await this.#recorder.record(facts);
    return true;
  }

  async #refresh(): Promise<void> {
    const scheduler = this.#scheduler;
    const keys = new Map<WatchedSort, Set<string>>(this.#bricks.watched.map(({ sort }) => [sort, new Set()]));
    const made = new Map<string, PodView>();
    for (const text of this.#notices) {
      const notice = parseNotice(text);
      if (notice.is === "new") made.set(`${notice.view.namespace}/${notice.view.name}`, notice.view);
      else if (notice.is === "gone") {
        if (made.get(notice.key)?.uid === notice.uid) made.delete(notice.key);
        scheduler.dropPod(notice.key, notice.uid);
      } else if (notice.is === "changed") keys.get(notice.sort)?.add(notice.key);
      else if (!scheduler.confirm(notice.uid, notice.nodeName)) keys.get("pod")?.add(notice.key);
    }
    this.#notices.clear();
    // Of whoever is known already it may be old news that he was made, told again.
    for (const key of made.keys()) if (scheduler.knowsPod(key)) keys.get("pod")?.add(key);
    const now = platformPorts.now();
    for (const { sort, resource } of this.#bricks.watched) {
      const changed = Array.from(keys.get(sort) ?? []);
      if (changed.length === 0) continue;
      const answers = await this.#stores.query(
        resource,
        changed.map((key) => ({ view: `scheduler/${sort}`, ...splitKey(key) })),
      );
      for (const [index, key] of changed.entries()) {
        const view = answers[index]?.[0];
        if (view === undefined) scheduler.drop(sort, key);
        else scheduler.put({ sort, view } as Watched, now);
      }
    }
    for (const [key, view] of made) if (!keys.get("pod")?.has(key)) scheduler.put({ sort: "pod", view }, now);
  }

  /** Writes bindings, conditions and evictions together; returns the events to record. */
  async #write(decisions: readonly Decision[], now: number): Promise<EventFact[]> {
    const facts: EventFact[] = [];
    const requests: WriteRequest[] = [];
    const choices: VolumeChoice[] = [];
    const binds = new Map<number, Bind>();
    for (const decision of decisions) {
      if (decision.do === "bind") {
        choices.push(...decision.volumes);
        binds.set(requests.length, decision);
        requests.push(request(decision.pod, { verb: "post", subresource: "binding", text: JSON.stringify(bindingBody(decision)) }));
      } else {
        requests.push(...this.#refusalRequests(decision, now));
        for (const victim of decision.victims) {
          facts.push(this.#event(victim, "Normal", "Preempted", preemptedMessage(decision.pod, decision.nominatedNodeName ?? "")));
        }
      }
    }
    await this.#chooseVolumes(choices);
    const results = requests.length > 0 ? await this.#stores.write(PODS, requests) : [];
    for (const [index, bind] of binds) {
      const result = results[index];
      if (result?.ok) {
        this.#scheduler.bound(bind.pod, bind.nodeName);
        facts.push(this.#event(bind.pod, "Normal", "Scheduled", scheduledMessage(bind)));
      } else facts.push(...this.#bindFailed(bind, result, now));
    }
    return facts;
  }

  /** Tells those who bind claims; they and the node wait for each other from here on. */
  async #chooseVolumes(choices: readonly VolumeChoice[]): Promise<void> {
    for (const { resource, patch } of VOLUME_WRITES) {
      const patches = choices.flatMap((choice) => patch(choice) ?? []);
      const requests = patches.map(({ place, body }) => request(place, { verb: "patch", patchType: "merge", text: JSON.stringify(body) }));
      if (requests.length > 0) await this.#stores.write(resource, requests);
    }
  }

  #refusalRequests(decision: Unschedulable, now: number): WriteRequest[] {
    const patch = (pod: PodInfo, body: object): WriteRequest =>
      request(pod, { verb: "patch", patchType: "strategic", subresource: "status", text: JSON.stringify(body) });
    const told = refusalPatch(decision, now);
    return [
      ...decision.victims.flatMap((victim) => [
        patch(victim, victimPatch(victim, this.#profile, now)),
        request(victim, { verb: "delete", delete: { uid: victim.uid } }),
      ]),
      ...decision.displaced.map((pod) => patch(pod, displacedPatch(pod))),
      ...(told ? [patch(decision.pod, told)] : []),
    ];
  }

  /** A pod that is gone or has a node is looked up again; another tries later. */
  #bindFailed({ pod }: Bind, result: WriteResult | undefined, now: number): EventFact[] {
    const status = result && !result.ok ? result.status : undefined;
    const gone = status?.code === 404 || status?.code === 409;
    this.#scheduler.bindFailed(pod, { gone }, now);
    if (gone) {
      this.#notices.add(`changed ${pod.namespace}/${pod.name} pod`);
      return [];
    }
    const message = `binding rejected: running Bind plugin "DefaultBinder": ${status?.message ?? "no answer"}`;
    return [this.#event(pod, "Warning", "FailedScheduling", message)];
  }

  #event(pod: PodInfo, type: EventFact["type"], reason: string, message: string): EventFact {
    const about: KubeObject = { apiVersion: "v1", kind: "Pod", metadata: { namespace: pod.namespace, name: pod.name, uid: pod.uid } };
    return { about, type, reason, message: eventNote(message), component: this.#profile };
  }
}

type Verb =
  | { readonly verb: "post"; readonly subresource: string; readonly text: string }
  | { readonly verb: "patch"; readonly patchType: "strategic" | "merge"; readonly subresource?: string; readonly text: string }
  | { readonly verb: "delete"; readonly delete: { readonly uid: string } };
const request = (at: Key, verb: Verb): WriteRequest => ({
  group: "",
  version: "v1",
  namespace: at.namespace,
  name: at.name,
  user: USER,
  options: { fieldManager: MANAGER, brief: true },
  ...verb,
});
