// A node with one pod whose logs are followed, in a time that goes on only when it is told to.
import { Followers } from "../../../durable-objects/node/followers.ts";
import { serveLogs } from "../../../durable-objects/node/log-server.ts";
import { NodeStorage } from "../../../durable-objects/node/node-storage.ts";
import type { PodPlace } from "../../../durable-objects/node/pod-place.ts";
import type { MeteredStorage } from "../../../durable-objects/platform/metered-storage.ts";
import type { Pod } from "../../../shared/kinds/_generated/types.ts";
import { EMPTY_NODE, type NodeState } from "../../../shared/sim/node.ts";
import { IMAGES } from "../../../workers/node-agent/images/index.ts";
import { kubelet } from "../../../workers/node-agent/kubelet.ts";
import { sqlStorage } from "../../contract/_store.ts";
import { configOf, podOf, T0, worldOf } from "./_node.ts";

interface Timer {
  readonly at: number;
  readonly work: () => void;
}
interface Listener {
  /** What has arrived so far. */
  text(): Promise<string>;
  pieces(): Promise<number>;
  isOpen(): Promise<boolean>;
  cancel(): Promise<void>;
}

export function bench(spec: NonNullable<Pod["spec"]>) {
  let now = T0;
  let state: NodeState = EMPTY_NODE;
  let world = worldOf();
  let isThere = true;
  let reads = 0;
  let wakes = 0;
  const timers = new Set<Timer>();
  const database = sqlStorage();
  const counted = {
    exec(query: string, ...bindings: unknown[]) {
      if (query.startsWith("SELECT at")) reads++;
      return database.sql.exec(query, ...bindings);
    },
  };
  const agent = kubelet(IMAGES, configOf());
  const followers: Followers = new Followers({
    now: () => now,
    after(ms, work) {
      const timer = { at: now + ms, work };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    node() {
      wakes++;
      return isThere ? { kubelet: agent, state } : undefined;
    },
    stored: (id, from) => storage.lines(id, from, Infinity),
  });
  const storage: NodeStorage = new NodeStorage({ ...database, sql: counted } as unknown as MeteredStorage, (id, lines) => followers.stored(id, lines));
  const place: PodPlace = {
    config: configOf(),
    kubelet: agent,
    storage,
    followers,
    state: () => state,
    now: () => now,
    world: () => Promise.resolve(world),
    disturb: () => {},
  };
  /** As the round of the node's actor. */
  const round = (input: { readonly changed?: readonly Pod[]; readonly gone?: readonly string[]; readonly disturbed?: readonly string[] } = {}): void => {
    const step = agent.stepNode(state, { changed: [], gone: [], ...input }, world, now, { dice: () => 0 });
    state = step.state;
    for (const effect of step.effects) if (effect.do === "log") storage.appendLines(effect.id, effect.lines);
    followers.moved(step.touched, world);
  };
  const pod = podOf("p", spec);
  round({ changed: [pod] });
  const record = () => state.pods.get("uid-p")?.record.containers.c;
  const nextOf = (): number => Math.min(...[...timers].map(({ at }) => at), state.pods.get("uid-p")?.record.next ?? Infinity);
  return {
    followers,
    timers,
    round,
    pod,
    get reads() {
      return reads;
    },
    /** How often anybody who follows was woken to see how things stand. */
    get wakes() {
      return wakes;
    },
    get now() {
      return now;
    },
    /** Time goes on; what is due on the way is done. The kubelet may be late. */
    pass(ms: number, late = 0): void {
      const end = now + ms;
      for (let next = nextOf(); next <= end; next = nextOf()) {
        now = Math.max(now, next);
        for (const timer of timers) if (timer.at <= now && timers.delete(timer)) timer.work();
        const due = state.pods.get("uid-p")?.record.next ?? Infinity;
        if (isThere && due <= now) {
          now += late;
          round();
        }
        if (!isThere) break;
      }
      now = Math.max(now, end);
    },
    visit(text: string, at = now): void {
      storage.appendLines(record()?.id ?? "", [{ at, stream: "stdout", text }]);
    },
    /** A command writes a file. */
    write(path: string, text: string): void {
      const entry = state.pods.get("uid-p");
      const one = record();
      if (!entry || !one) throw new Error("no container");
      const containers = { ...entry.record.containers, c: { ...one, overlay: { [path]: text } } };
      state = { ...state, pods: new Map(state.pods).set("uid-p", { ...entry, record: { ...entry.record, containers } }) };
      round({ disturbed: ["uid-p"] });
    },
    leave(): void {
      isThere = false;
    },
    comeBack(): void {
      isThere = true;
      followers.back();
    },
    changeWorld(next: typeof world): void {
      world = next;
    },
    async ask(query = "follow=true", container = "c"): Promise<Response> {
      const entry = state.pods.get("uid-p");
      if (!entry) throw new Error("no pod");
      return serveLogs(new URLSearchParams(query), place, { entry, container });
    },
    async follow(query?: string, container?: string): Promise<Listener> {
      const { body } = await this.ask(query, container);
      if (!body) throw new Error("no body");
      return listener(body);
    },
  };
}
export function listener(body: ReadableStream<Uint8Array>): Listener {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let pieces = 0;
  let open = true;
  void (async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read(), pieces++) text += decoder.decode(part.value, { stream: true });
    open = false;
  })();
  const settled = (): Promise<void> => new Promise((done) => setImmediate(done));
  return {
    text: () => settled().then(() => text),
    pieces: () => settled().then(() => pieces),
    isOpen: () => settled().then(() => open),
    cancel: () => reader.cancel(),
  };
}
export const shell = (script: string): NonNullable<Pod["spec"]> => ({
  containers: [{ name: "c", image: "busybox:1.36", imagePullPolicy: "IfNotPresent", command: ["sh", "-c", script] }],
});
export const NGINX: NonNullable<Pod["spec"]> = { containers: [{ name: "c", image: "nginx:1.27" }] };
export const deleted = (pod: Pod, at: number): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, deletionTimestamp: new Date(at + 30_000).toISOString(), deletionGracePeriodSeconds: 30 },
});
