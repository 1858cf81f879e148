// Shape of the tree: each file says what it is for, none grows without end, nothing is dead, and the map points at what exists.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, SOURCES } from "./source-files.ts";

const FILE_LINES_MAX = 300;
const isGenerated = (path: string): boolean => path.includes("/_generated/");

test("[S1] no file has more than 300 lines", () => {
  const long = SOURCES.filter(({ path, text }) => !isGenerated(path) && text.split("\n").length - 1 > FILE_LINES_MAX);
  expect(long.map(({ path, text }) => `${path}: ${text.split("\n").length - 1}`)).toEqual([]);
});

test("[S2] the first line of a file says what it is for", () => {
  expect(SOURCES.filter(({ text }) => !/^\/\/ \S/.test(text)).map(({ path }) => path)).toEqual([]);
});

/** Files that the Worker does not reach, and why they are there. */
const UNREACHED: Readonly<Record<string, string>> = {
  "shared/api/openapi.ts": "documents of custom resources: scripts/build-openapi.mjs makes the form that it fills in",
};

test("[S3] nothing is dead: every file is reached from the composition root", () => {
  const byPath = new Map(SOURCES.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const { target, local } of byPath.get(path)?.imports ?? []) if (local) visit(target);
  };
  visit("workers/index.ts");
  expect(SOURCES.map(({ path }) => path).filter((path) => !reached.has(path) && !Object.hasOwn(UNREACHED, path))).toEqual([]);
});

test('[S4] the "Where is ...?" table of ARCHITECTURE.md points at files and names that exist', () => {
  const text = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");
  const section = text.split(/^## /m).find((part) => part.startsWith("Where is"));
  expect(section).toBeDefined();
  const pointers = [...(section ?? "").matchAll(/`([\w./-]+\.(?:ts|mjs|toml|json))(?:#(\w+))?`/g)];
  expect(pointers.length).toBeGreaterThan(20);
  const wrong = pointers.filter(([, file = "", name]) => {
    if (!existsSync(join(ROOT, file))) return true;
    return name !== undefined && !new RegExp(`\\b${name}\\b`).test(readFileSync(join(ROOT, file), "utf8"));
  });
  expect(wrong.map(([pointer]) => pointer)).toEqual([]);
});
