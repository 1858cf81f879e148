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

test("[P4] whatever an actor keeps, hears or asks of others passes its meter", () => {
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
