// Writes the OpenAPI v3 documents and their index to dist/assets/openapi/v3: served as static assets, never held in memory.
// `node scripts/build-openapi.mjs [OUT]`
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makePaths } from "./openapi/paths.mjs";
import { fullName, makeSchemas, mentioned, ref } from "./openapi/schemas.mjs";
import { loadTexts } from "./openapi/texts.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = process.argv[2] ?? join(root, "dist", "assets", "openapi", "v3");
const json = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));

const table = json("shared/schema/_generated/schemas.json");
const resources = json("shared/kinds/_generated/resources.json");
const goTypes = json("shared/schema/go-types.json");
const texts = loadTexts();
const { schema } = makeSchemas({ table, goTypes, texts });

/** meta.v1 types that every group registers for itself. */
const IN_EVERY_GROUP = new Set(["DeleteOptions", "WatchEvent"]);
const groupOfPackage = new Map(resources.resources.flatMap((row) => (row.schema ? [[row.schema.split(".").slice(0, -1).join("."), row.group]] : [])));

/** group, version and kind of a top-level type, for the document of `group`/`version`. */
function kindsOf(name, group, version) {
  const kind = name.slice(name.lastIndexOf(".") + 1);
  if (name.startsWith("meta.v1.")) {
    if (IN_EVERY_GROUP.has(kind)) return [{ group: "", kind, version: "v1" }, ...(group === "" ? [] : [{ group, kind, version }])];
    return ["Status", "APIResourceList", "APIGroup", "APIGroupList", "APIVersions"].includes(kind) ? [{ group: "", kind, version: "v1" }] : [];
  }
  const fields = table[name]?.f ?? {};
  const pack = name.split(".").slice(0, -1).join(".");
  if (!("kind" in fields && "apiVersion" in fields && "metadata" in fields) || !groupOfPackage.has(pack)) return [];
  return [{ group: groupOfPackage.get(pack), kind, version: pack.split(".").at(-1) }];
}

/** All schemas that the paths speak of, and those that these speak of. */
function components(paths, group, version) {
  const byFull = new Map([...Object.keys(table), "meta.v1.Patch"].map((name) => [fullName(name), name]));
  const found = new Map();
  const visit = (name) => {
    if (found.has(name)) return;
    found.set(name, undefined);
    found.set(name, schema(name, kindsOf(name, group, version)));
    for (const field of Object.values(table[name]?.f ?? {})) for (const other of mentioned(field.t)) visit(other);
  };
  for (const [, full] of JSON.stringify(paths).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    const name = byFull.get(full);
    if (name === undefined) throw new Error(`no schema ${full}`);
    visit(name);
  }
  return Object.fromEntries([...found].map(([name, value]) => [fullName(name), value]).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const index = {};
function write(path, document) {
  const text = JSON.stringify(document);
  const hash = createHash("sha512").update(text).digest("hex").toUpperCase();
  const file = join(out, `${path}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  index[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
}
const document = (paths, schemas) => ({
  openapi: "3.0.0",
  info: { title: "Kubernetes", version: "1.36" },
  paths,
  components: { ...(schemas ? { schemas } : {}), securitySchemes: { BearerToken: { type: "apiKey", description: "Bearer Token authentication", name: "authorization", in: "header" } } },
});

rmSync(out, { recursive: true, force: true });
for (const { group, versions } of resources.groups) {
  for (const version of versions) {
    const rows = resources.resources.filter((row) => row.group === group && row.version === version);
    const paths = makePaths({ group, version, rows, texts, schemaOfKind: (name) => (name && table[name] ? ref(name) : undefined) });
    write(group === "" ? `api/${version}` : `apis/${group}/${version}`, document(paths, components(paths, group, version)));
  }
}
writeFileSync(join(out, "index.json"), JSON.stringify({ paths: Object.fromEntries(Object.entries(index).sort(([a], [b]) => (a < b ? -1 : 1))) }));
