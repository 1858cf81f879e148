// The source files of the product, parsed once for all architecture tests.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { parseSync } from "oxc-parser";

export const ROOT = join(import.meta.dirname, "..", "..");
const FOLDERS = ["shared", "durable-objects", "workers"];

export interface SourceFile {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  /** What it imports: paths relative to the repository, or package names. */
  readonly imports: readonly Import[];
  readonly program: unknown;
}
export interface Import {
  readonly target: string;
  readonly local: boolean;
  readonly typeOnly: boolean;
}

export function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
}

function read(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), "utf8");
  const { program, module } = parseSync(path, text);
  const targets = [
    ...module.staticImports.map((entry) => ({
      specifier: entry.moduleRequest.value,
      typeOnly: entry.entries.length > 0 && entry.entries.every((name) => name.isType),
    })),
    ...module.staticExports.flatMap((entry) =>
      entry.entries.flatMap((name) => (name.moduleRequest ? [{ specifier: name.moduleRequest.value, typeOnly: name.isType }] : [])),
    ),
  ];
  const imports = targets.map(({ specifier, typeOnly }) => ({
    target: specifier.startsWith(".") ? posix.normalize(posix.join(dirname(path), specifier)) : specifier,
    local: specifier.startsWith("."),
    typeOnly,
  }));
  return { path, text, imports, program };
}

export const SOURCES: readonly SourceFile[] = FOLDERS.flatMap(filesBelow)
  .filter((path) => path.endsWith(".ts"))
  .map(read);

/** Calls `visit` for every node of a syntax tree. */
export function walk(node: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (Array.isArray(node)) {
    for (const member of node) walk(member, visit);
    return;
  }
  if (typeof node !== "object" || node === null) return;
  const record = node as Record<string, unknown>;
  if (typeof record.type === "string") visit(record);
  for (const value of Object.values(record)) if (typeof value === "object") walk(value, visit);
}
