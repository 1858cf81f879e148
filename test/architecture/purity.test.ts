// The core is pure and synchronous: time, dice and I/O come in through ports. Every ban names its replacement.
import { expect, test } from "vitest";
import { SOURCES, walk, type SourceFile } from "./source-files.ts";

const PURE = ["shared/", "durable-objects/controllers/", "durable-objects/storage/", "workers/scheduler/", "workers/node-agent/"];
const isPure = (path: string): boolean => PURE.some((folder) => path.startsWith(folder));

const CALLS: Readonly<Record<string, string>> = {
  "Date.now": "take `now`, or ports.now()",
  "Math.random": "ports.dice()",
  "crypto.randomUUID": "ports.uid()",
  "crypto.getRandomValues": "ports.dice()",
  setTimeout: "answer when to look again (requeueAfterMs, nextAt)",
  setInterval: "answer when to look again (requeueAfterMs, nextAt)",
  fetch: "return what is to be done; shells do it",
  queueMicrotask: "stay synchronous",
};
const OBJECTS: Readonly<Record<string, string>> = { console: "return it; shells report" };

const nameOf = (node: unknown): string => {
  const { type, name, object, property } = (node ?? {}) as { type?: string; name?: string; object?: unknown; property?: unknown };
  if (type === "Identifier") return name ?? "";
  return type === "MemberExpression" ? `${nameOf(object)}.${nameOf(property)}` : "";
};

function impurities(file: SourceFile): string[] {
  const found: string[] = [];
  const say = (what: string, instead: string): void => void found.push(`${file.path}: ${what}: ${instead}`);
  walk(file.program, (node) => {
    if (node.type === "CallExpression") {
      const name = nameOf(node.callee);
      if (Object.hasOwn(CALLS, name)) say(name, CALLS[name] ?? "");
      const [object = ""] = name.split(".");
      if (Object.hasOwn(OBJECTS, object)) say(name, OBJECTS[object] ?? "");
    }
    if (node.type === "NewExpression" && nameOf(node.callee) === "Date" && (node.arguments as unknown[]).length === 0) say("new Date()", "take `now`");
    if (node.type === "AwaitExpression") say("await", "the core is synchronous");
    if (node.async === true) say("async", "the core is synchronous");
  });
  return found;
}

test("[P1] the core asks for no time, no chance, no I/O", () => {
  expect(SOURCES.filter((file) => isPure(file.path)).flatMap(impurities)).toEqual([]);
});

test("[P2] clock, dice and timers of the platform are used in durable-objects/platform alone", () => {
  const shells = SOURCES.filter((file) => file.path.startsWith("durable-objects/") && !isPure(file.path) && !file.path.startsWith("durable-objects/platform/"));
  const banned = ["Date.now", "Math.random", "crypto.randomUUID", "crypto.getRandomValues", "setInterval", "setTimeout"];
  expect(shells.flatMap(impurities).filter((line) => banned.some((name) => line.includes(`: ${name}:`)))).toEqual([]);
});

test("[P3] shared code never names a kind", () => {
  const engines = [
    "shared/verbs/",
    "shared/api/",
    "shared/patch/",
    "shared/managed-fields/",
    "durable-objects/store/",
    "durable-objects/runtime/",
    "workers/api/",
  ];
  const guilty = SOURCES.filter((file) => engines.some((folder) => file.path.startsWith(folder))).flatMap((file) => {
    const lines: string[] = [];
    walk(file.program, (node) => {
      if (node.type !== "BinaryExpression" || (node.operator !== "===" && node.operator !== "!==")) return;
      const sides = [node.left, node.right] as { type?: string; value?: unknown }[];
      const named = [node.left, node.right].some((side) => /(^|\.)kind$/.test(nameOf(side)));
      const literal = sides.find((side) => side.type === "Literal" && typeof side.value === "string");
      if (named && literal && /^[A-Z]/.test(String(literal.value)))
        lines.push(`${file.path} compares a kind with ${String(literal.value)}: ask the kind's contract`);
    });
    return lines;
  });
  expect(guilty).toEqual([]);
});

test("[P5] whatever an actor keeps, hears or asks of others passes its meter", () => {
  const base = "durable-objects/actors/metered-actor.ts";
  const found = SOURCES.filter(({ path }) => path !== base).flatMap(({ path, program, text }) => {
    const lines: string[] = [];
    walk(program, (node) => {
      if (/(^|\.)ctx\.storage$/.test(nameOf(node))) lines.push(`${path} reaches past the meter: this.storage`);
      if (node.type !== "ClassDeclaration" && node.type !== "ClassExpression") return;
      const [parent, own] = [nameOf(node.superClass), nameOf(node.id)];
      if (parent === "DurableObject") lines.push(`${path}: ${own} is no MeteredActor`);
      if (parent === "MeteredActor" && !text.includes(`return metered(${own});`)) lines.push(`${path}: what arrives at ${own} is not counted: metered()`);
    });
    return lines;
  });
  expect(found).toEqual([]);
});

/** Every timer and alarm outside the platform's ports, and why it is none that looks again and again. */
const TIMERS: Readonly<Record<string, string>> = {
  "durable-objects/actors/cluster.ts: setAlarm(platformPorts.now())": "once for each batch of actors that is removed",
  "durable-objects/actors/cluster.ts: setAlarm(platformPorts.now() + GONE_MS)": "once: when the last memory of a removed cluster may go",
  "durable-objects/actors/controller.ts: setAlarm(due)": "the computed time of the next work in the queue",
  "durable-objects/actors/node.ts: setAlarm(due)": "the computed time of the next event in the life of a pod",
  "durable-objects/actors/node.ts: after, handed on": "to followers.ts, below",
  "durable-objects/actors/resource-store.ts: after(BOOKMARK_MS)": "recurs only while streams are open, which keep the store awake anyway, and finds the dead",
  "durable-objects/actors/resource-store.ts: setAlarm(due)": "once for what is to be told; again only while telling somebody failed",
  "durable-objects/actors/resource-store.ts: soon()": "once while writes wait: what arrives together is committed together",
  "durable-objects/actors/scheduler.ts: setAlarm(due)": "the computed time at which the next pod may be tried",
  "durable-objects/node/container-shell.ts: timeout(TIME_MAX_MS)": "once: the longest that a command may take",
  "durable-objects/node/followers.ts: after(Math.max(GATHER_MS, Math.ceil(due - this.#ports.now())))": "the computed time of the next line of a log",
  "durable-objects/runtime/event-recorder.ts: after(ms)": "recurs only while Events wait and much happens, twenty seconds at most",
  "durable-objects/store/rests.ts: after(QUIET_MS)": "recurs only while somebody rests, four seconds at most, and things happen: finds out that it is quiet",
  "durable-objects/store/rests.ts: after(ms)": "once: the rest of whoever was told while much changed",
  "durable-objects/store/telling.ts: after(ms)": "once each: the longest that telling takes, and the moment in which more may come",
  "durable-objects/store/watch-hub.ts: after(busy ? BUSY_REST_MS : 0)": "once for each turn of watchers that was full: the next of those who miss something",
  "durable-objects/store/watch-stream.ts: after(timeoutMs)": "once: the end of a watch, as its client asked for it",
  "durable-objects/store/watch-stream.ts: after(Math.max(0, timeoutMs - LAST_BOOKMARK_MS))": "once: the last bookmark before that",
  "workers/api/watch.ts: setInterval(BOOKMARK_MS)": "recurs only while a client watches, and finds out that it is gone",
  "workers/api/watch.ts: setTimeout(how.timeoutMs)": "once: the end of a watch, as its client asked for it",
};
/** Calls that make the platform call back, and which argument says when. */
const DELAY_OF: Readonly<Record<string, number>> = { after: 0, setAlarm: 0, timeout: 0, wait: 0, setTimeout: 1, setInterval: 1 };
const lastName = (node: unknown): string => nameOf(node).split(".").at(-1) ?? "";

function timersOf(file: SourceFile): string[] {
  const found: string[] = [];
  const imported = file.imports.some(({ target }) => target === "durable-objects/platform/ports.ts");
  walk(file.program, (node) => {
    if (node.type === "CallExpression") {
      const name = lastName(node.callee);
      const given = node.arguments as { start: number; end: number }[];
      const delay = given[DELAY_OF[name] ?? -1];
      if (delay) found.push(`${file.path}: ${name}(${file.text.slice(delay.start, delay.end).replaceAll(/\s+/g, " ")})`);
      else if (name === "soon") found.push(`${file.path}: soon()`);
    }
    if (node.type === "ImportSpecifier" && ["after", "soon"].includes(nameOf(node.imported)) && nameOf(node.local) !== nameOf(node.imported))
      found.push(`${file.path}: ${nameOf(node.imported)}, under another name`);
    const values = node.type === "Property" ? [node.value] : node.type === "CallExpression" ? (node.arguments as unknown[]) : [];
    for (const value of imported ? values : []) if (["after", "soon"].includes(nameOf(value))) found.push(`${file.path}: ${nameOf(value)}, handed on`);
  });
  return found;
}

test("[P5] nothing polls: every timer is argued, and its delay is the one that was argued", () => {
  const others = SOURCES.filter((file) => !file.path.startsWith("durable-objects/platform/"));
  expect([...new Set(others.flatMap(timersOf))].sort()).toEqual(Object.keys(TIMERS).sort());
});
