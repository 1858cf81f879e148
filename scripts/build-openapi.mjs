// Writes what the server says of its types to dist/assets/openapi: served as static assets, never held in memory.
//   v3/index.json, v3/api/v1.json, v3/apis/GROUP/VERSION.json   OpenAPI v3
//   v2.json, v2.pb                                              OpenAPI v2, all in one, as JSON and as protobuf
//   custom.json                                                 the form for custom resources, see shared/api/openapi.ts
// `node scripts/build-openapi.mjs [OUT]`
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { customTemplate } from "./openapi/custom.mjs";
import { makePaths } from "./openapi/paths.mjs";
import { fullName, makeSchemas, mentioned, ref } from "./openapi/schemas.mjs";
import { versionDocument } from "./openapi/version.mjs";
import { loadTexts } from "./openapi/texts.mjs";
import { swagger } from "./openapi/v2.mjs";
import { swaggerProtobuf } from "./openapi/v2-protobuf.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = process.argv[2] ?? join(root, "dist", "assets", "openapi");
const json = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));

const table = { ...json("shared/schema/_generated/schemas.json"), ...json("shared/schema/own-schemas.json") };
const real = json("shared/kinds/_generated/resources.json");
const own = json("shared/kinds/paperplane/resources.json");
const resources = { groups: [...real.groups, ...own.groups], resources: [...real.resources, ...own.resources] };
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
    if (name === undefined && !full.startsWith("<<")) throw new Error(`no schema ${full}`);
    if (name !== undefined) visit(name);
  }
  return Object.fromEntries([...found].map(([name, value]) => [fullName(name), value]).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const index = {};
const documents = [];
function file(path, value) {
  const text = Buffer.isBuffer(value) ? value : JSON.stringify(value);
  const name = join(out, path);
  mkdirSync(dirname(name), { recursive: true });
  writeFileSync(name, text);
  return createHash("sha512").update(text).digest("hex").toUpperCase();
}
function addDocument(path, document) {
  documents.push(document);
  index[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${file(`v3/${path}.json`, document)}` };
}
const documentOf = (paths, schemas) => ({
  openapi: "3.0.0",
  info: { title: "Kubernetes", version: "1.36" },
  paths,
  components: {
    schemas,
    securitySchemes: { BearerToken: { type: "apiKey", description: "Bearer Token authentication", name: "authorization", in: "header" } },
  },
});

rmSync(out, { recursive: true, force: true });
for (const { group, versions } of resources.groups) {
  for (const version of versions) {
    const rows = resources.resources.filter((row) => row.group === group && row.version === version);
    const paths = makePaths({ group, version, rows, texts, schemaOfKind: (name) => (name && table[name] ? ref(name) : undefined) });
    addDocument(group === "" ? `api/${version}` : `apis/${group}/${version}`, documentOf(paths, components(paths, group, version)));
  }
}
const info = versionDocument();
addDocument("version", documentOf(info.paths, info.schemas));
documents.pop();
file("v3/index.json", { paths: Object.fromEntries(Object.entries(index).sort(([a], [b]) => (a < b ? -1 : 1))) });
const whole = swagger(documents);
file("v2.json", whole);
file("v2.pb", swaggerProtobuf(whole));
const apps = documents.find((document) => "/apis/apps/v1/" in document.paths);
file(
  "custom.json",
  customTemplate(apps, (paths) => components({ paths, meta: [ref("meta.v1.ObjectMeta"), ref("meta.v1.ListMeta")] }, "", "v1")),
);
