// Who may import whom. The matrix is data; a folder without a row fails until it gets one.
import { expect, test } from "vitest";
import { SOURCES, type SourceFile } from "./source-files.ts";

/** Longest matching folder decides. What may be imported besides the folder itself; `types:` in front: only types. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "shared/base": [],
  "shared/errors": ["shared/base"],
  "shared/meta": ["shared/base", "shared/errors", "shared/kinds/_generated", "types:shared/kinds/define-kind.ts"],
  "shared/schema": ["shared/base", "shared/errors", "shared/meta", "shared/patch/go-text.ts", "types:shared/kinds/define-kind.ts", "shared/kinds/_generated"],
  "shared/protobuf": ["shared/base", "shared/meta", "@bufbuild/protobuf/wire"],
  "shared/patch": ["shared/base", "shared/errors", "shared/meta", "shared/schema"],
  "shared/managed-fields": [
    "shared/base",
    "shared/errors",
    "shared/meta",
    "shared/schema",
    "shared/patch",
    "types:shared/kinds/define-kind.ts",
    "shared/kinds/_generated",
  ],
  "shared/kinds": ["shared/base", "shared/errors", "shared/meta", "shared/schema", "re2js"],
  "shared/admission": ["shared/base", "shared/errors", "shared/meta", "shared/kinds", "types:shared/reconcile/controller.ts"],
  "shared/verbs": [
    "shared/base",
    "shared/errors",
    "shared/meta",
    "shared/schema",
    "shared/patch",
    "shared/managed-fields",
    "shared/kinds/define-kind.ts",
    "types:shared/kinds/_generated",
    "types:shared/admission/plugin.ts",
    "types:shared/reconcile/controller.ts",
  ],
  "shared/subresources": ["shared/base", "shared/errors", "shared/meta", "shared/kinds/define-kind.ts", "types:shared/kinds/_generated"],
  "shared/api": ["shared/base", "shared/errors", "shared/meta", "shared/kinds/define-kind.ts", "shared/kinds/_generated", "types:shared/kinds/define-kind.ts"],
  "shared/reconcile": ["shared/base", "shared/errors", "shared/meta", "types:shared/kinds"],
  "shared/scheduling": ["shared/base", "shared/errors", "shared/meta", "shared/kinds"],
  "shared/network": ["shared/base", "shared/errors", "shared/meta", "types:shared/kinds"],
  "shared/sim": ["shared/base", "shared/errors", "shared/meta", "types:shared/kinds", "shared/kinds/_parts"],
  "shared/bootstrap": ["shared/base", "shared/meta", "types:shared/kinds", "types:shared/reconcile/controller.ts"],
  "durable-objects/controllers": ["shared"],
  "durable-objects/storage": ["shared"],
  "durable-objects/platform": ["shared/base"],
  "durable-objects/client": ["shared", "durable-objects/store/watch-frames.ts", "types:durable-objects/env.ts"],
  "durable-objects/store": ["shared", "durable-objects/storage", "durable-objects/platform", "durable-objects/client/names.ts", "types:durable-objects/env.ts"],
  "durable-objects/runtime": ["shared", "durable-objects/client", "durable-objects/platform", "types:durable-objects/env.ts"],
  "durable-objects/node": [
    "shared",
    "durable-objects/client",
    "durable-objects/runtime",
    "durable-objects/platform",
    "types:durable-objects/env.ts",
    "just-bash/browser",
    "types:workers/node-agent",
  ],
  "durable-objects/scheduler": ["shared", "durable-objects/client", "durable-objects/runtime", "types:durable-objects/env.ts"],
  "durable-objects/actors": ["shared", "durable-objects", "cloudflare:workers"],
  "durable-objects": ["shared"],
  "workers/scheduler": ["shared"],
  "workers/node-agent": ["shared"],
  "workers/api": ["shared", "hono", "yaml", "node:crypto", "durable-objects/client", "types:durable-objects"],
  workers: ["shared", "durable-objects", "workers"],
};
/** Actors are handed their bricks; an actor that imports a list of bricks cannot be tested without all of them. */
const BRICK_LISTS = ["shared/kinds/index.ts", "shared/admission/index.ts", "durable-objects/controllers/index.ts"];
const PACKAGES: Readonly<Record<string, readonly string[]>> = { "shared/schema": ["yaml"], "shared/meta": ["ipaddr.js"], shared: [] };

const rowOf = (path: string): string | undefined =>
  Object.keys(MAY_IMPORT)
    .filter((folder) => path === folder || path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
const inside = (target: string, place: string): boolean => target === place || target.startsWith(`${place}/`);

function violations(file: SourceFile): string[] {
  const row = rowOf(file.path);
  if (row === undefined) return [`${file.path}: its folder has no row in the import matrix`];
  const allowed = MAY_IMPORT[row] ?? [];
  return file.imports.flatMap(({ target, typeOnly }) => {
    if (inside(target, row)) return [];
    const plain = allowed.filter((place) => !place.startsWith("types:"));
    const types = allowed.filter((place) => place.startsWith("types:")).map((place) => place.slice("types:".length));
    if ([...plain, ...(PACKAGES[row] ?? [])].some((place) => inside(target, place))) return [];
    if (typeOnly && types.some((place) => inside(target, place))) return [];
    return [`${file.path} imports ${typeOnly ? "types of " : ""}${target}; ${row} may import: ${allowed.join(", ") || "nothing"}`];
  });
}

test("[A1] every import is allowed by the matrix", () => {
  expect(SOURCES.flatMap(violations)).toEqual([]);
});

test("[A2] actors import no list of bricks; only the composition root sees them", () => {
  const guilty = SOURCES.filter((file) => file.path.startsWith("durable-objects/actors/") || file.path.startsWith("workers/api/"));
  expect(
    guilty.flatMap((file) => file.imports.filter(({ target }) => BRICK_LISTS.includes(target)).map(({ target }) => `${file.path} imports ${target}`)),
  ).toEqual([]);
});

test("[A3] there are no cycles, type imports included", () => {
  const edges = new Map(SOURCES.map((file) => [file.path, file.imports.filter(({ local }) => local).map(({ target }) => target)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      cycles.push([...trail.slice(at), path].join(" -> "));
      return;
    }
    if (done.has(path)) return;
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  expect(cycles).toEqual([]);
});
