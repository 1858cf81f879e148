// Every brick is in its list, under the name that its file promises, and everything that a real server serves is there.
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { CONTROLLERS } from "../../durable-objects/controllers/index.ts";
import { ADMISSION } from "../../shared/admission/index.ts";
import { KINDS } from "../../shared/kinds/index.ts";
import { ROOT_KINDS } from "../../shared/kinds/paperplane/index.ts";
import table from "../../shared/kinds/_generated/resources.json" with { type: "json" };
import { filesBelow, ROOT } from "./source-files.ts";

test("[R1] every resource that a real server 1.36 serves by default is in the registry, in its order", () => {
  const served = table.resources.filter((row) => !("subresource" in row)).map((row) => `${row.group}/${row.version}/${row.resource}`);
  expect(KINDS.map((kind) => `${kind.group}/${kind.version}/${kind.resource}`)).toEqual(served);
});

test("[R2] every kind file is in the list of kinds", async () => {
  const files = filesBelow("shared/kinds").filter((path) => /^shared\/kinds\/[a-z]+\/[a-z-]+\.ts$/.test(path) && !path.endsWith("/index.ts"));
  const listed = new Set<unknown>([...KINDS, ...ROOT_KINDS]);
  const missing: string[] = [];
  for (const file of files) {
    const module = (await import(join(ROOT, file))) as Record<string, unknown>;
    const kinds = Object.entries(module).filter(([name]) => name.endsWith("Kind"));
    if (kinds.length === 0) missing.push(`${file} exports no kind`);
    for (const [name, kind] of kinds) if (!listed.has(kind)) missing.push(`${file}: ${name} is not in its index.ts`);
  }
  expect(missing).toEqual([]);
});

test("[R3] every controller file is in the list of controllers, and names are unique", () => {
  const files = readdirSync(join(ROOT, "durable-objects/controllers")).filter(
    (name) => name.endsWith(".ts") && name !== "index.ts" && name !== "replication.ts",
  );
  expect(new Set(CONTROLLERS.map(({ name }) => name)).size).toBe(CONTROLLERS.length);
  expect(CONTROLLERS.length).toBeGreaterThanOrEqual(files.length);
});

test("[R4] every admission plugin is in the list, under its own name", () => {
  expect(new Set(ADMISSION.map(({ name }) => name)).size).toBe(ADMISSION.length);
});

test("[R5] bricks lie in files with kebab-case names", () => {
  const odd = ["shared", "durable-objects", "workers"].flatMap(filesBelow).filter((path) => !/^[a-z0-9-]+(\.[a-z0-9]+)*$/.test(basename(path)));
  expect(odd).toEqual([]);
});
