// Adds a CPU profile up by the part of the system that was at work: the first of our own functions on the stack says whose turn it is.
import { fileOf, selfTimes, type CpuProfile } from "./profile-report.ts";

interface Hop {
  readonly name: string;
  /** Of the file of a function, and its name. The first that fits a function anywhere on the stack has it. */
  readonly has: (file: string, functionName: string) => boolean;
}
const within =
  (...folders: readonly string[]) =>
  (file: string): boolean =>
    folders.some((folder) => file.startsWith(folder));
const verb = (name: string) => (file: string, functionName: string) => file === "durable-objects/store/write.ts" && functionName.replace(/\d+$/, "") === name;

/** In the order in which they are asked: what is special before what surrounds it. */
export const HOPS: readonly Hop[] = [
  { name: "store: create (parse, allocate, write the row)", has: verb("create") },
  { name: "store: binding", has: verb("post") },
  { name: "store: patch (the status that the kubelet reports)", has: verb("patch") },
  { name: "store: watch (frames, turns, sending)", has: (file) => /^durable-objects\/store\/watch-|metered-hub/.test(file) },
  { name: "store: whom to tell, telling", has: within("durable-objects/store/outbox.ts", "durable-objects/store/telling.ts", "workers/subscriptions.ts") },
  { name: "node: kubelet's step", has: within("workers/node-agent/", "shared/sim/") },
  { name: "scheduler: filter, score, queue", has: within("shared/scheduling/", "workers/scheduler/") },
  { name: "events: make and submit", has: within("durable-objects/runtime/event-recorder.ts", "durable-objects/runtime/submitter.ts") },
  { name: "scheduler: load, bind, carry out", has: within("durable-objects/actors/scheduler.ts", "durable-objects/runtime/scheduler-runner.ts") },
  { name: "node: load, carry out", has: within("durable-objects/actors/node.ts", "durable-objects/node/") },
  { name: "controllers", has: within("durable-objects/actors/controller.ts", "durable-objects/runtime/", "durable-objects/controllers/") },
  { name: "store: reads, commit, history row", has: within("durable-objects/actors/resource-store.ts", "durable-objects/store/", "durable-objects/storage/") },
  { name: "API worker: decode, admit, validate, answer", has: within("workers/", "shared/") },
  { name: "calls between actors", has: within("durable-objects/") },
];
const RUNTIME = "the runtime: HTTP, delivery of calls, flushes of the disk, timers";
const GARBAGE = "garbage collection";
const NATIVE: Readonly<Record<string, string>> = { "(program)": RUNTIME, "(garbage collector)": GARBAGE };
const IDLE = "(idle)";

/** Microseconds of each hop, in the order of HOPS; what took none is left out. */
export function hopTimes(profile: CpuProfile, source: readonly string[]): ReadonlyMap<string, number> {
  const files = new Map<number, string>();
  const fileAt = (line: number): string => {
    let file = files.get(line);
    if (file === undefined) files.set(line, (file = fileOf(source, line)));
    return file;
  };
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const times = new Map<string, number>();
  for (const [id, us] of selfTimes(profile)) {
    const own = nodes.get(id)?.callFrame.functionName ?? "";
    if (own === IDLE) continue;
    const stack: { readonly file: string; readonly name: string }[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = nodes.get(at)?.callFrame;
      if (frame?.url && frame.lineNumber >= 0) stack.push({ file: fileAt(frame.lineNumber), name: frame.functionName });
    }
    const hop = NATIVE[own] ?? HOPS.find(({ has }) => stack.some(({ file, name }) => has(file, name)))?.name ?? RUNTIME;
    times.set(hop, (times.get(hop) ?? 0) + us);
  }
  const order = [...HOPS.map(({ name }) => name), RUNTIME, GARBAGE];
  return new Map(order.flatMap((name) => (times.has(name) ? [[name, times.get(name) ?? 0] as const] : [])));
}
