// Turns tables read off a real API server into the compact tables of this repository:
//   node scripts/import-facts.mjs DIR
// DIR holds fields.tsv, merge.tsv, defaults-openapi.tsv, required.tsv, discovery.tsv, groups.tsv, kinds.tsv.
// Writes shared/schema/_generated/schemas.json, shared/kinds/_generated/{types.ts,resources.json}.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const dir = process.argv[2];
if (!dir) throw new Error("usage: node scripts/import-facts.mjs DIR");

function table(name) {
  const [head, ...rows] = readFileSync(join(dir, name), "utf8").trimEnd().split("\n");
  const columns = head.split("\t");
  return rows.map((row) => Object.fromEntries(row.split("\t").map((cell, i) => [columns[i], cell])));
}

/** io.k8s.api.core.v1.PodSpec -> core.v1.PodSpec, ...apis.meta.v1.ObjectMeta -> meta.v1.ObjectMeta */
const short = (name) =>
  name
    .replace("io.k8s.apimachinery.pkg.apis.", "")
    .replace("io.k8s.apimachinery.pkg.", "")
    .replace("io.k8s.apiextensions-apiserver.pkg.apis.", "")
    .replace("io.k8s.kube-aggregator.pkg.apis.", "")
    .replace("io.k8s.api.", "");
const shortType = (type) => type.replace(/io\.k8s\.[\w.-]+/g, short);

const schemas = {};
const schemaOf = (name) => (schemas[short(name)] ??= { f: {} });
const fieldOf = (schema, field) => (schemaOf(schema).f[field] ??= {});
for (const row of table("fields.tsv")) {
  const field = fieldOf(row.schema, row.field);
  field.t = shortType(row.type);
  if (row.required === "y") field.r = 1;
}
for (const row of table("merge.tsv")) {
  const target = row.field === "" ? schemaOf(row.schema) : fieldOf(row.schema, row.field);
  if (row.listType) target.l = row.listType;
  if (row.listMapKeys) target.k = row.listMapKeys.split(",");
  if (row.mapType) target.m = row.mapType;
  if (row.patchStrategy) target.s = row.patchStrategy.split(",");
  if (row.patchMergeKey) target.p = row.patchMergeKey;
}
for (const row of table("defaults-openapi.tsv")) {
  if (row.field === "") continue;
  const field = fieldOf(row.schema, row.field);
  if (row.default !== "" && row.default !== undefined) field.d = JSON.parse(row.default);
  if (row.enum) field.e = row.enum.split(",");
}
writeFileSync(
  "shared/schema/_generated/schemas.json",
  `{\n${Object.keys(schemas)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${JSON.stringify(schemas[name])}`)
    .join(",\n")}\n}\n`,
);

const OPAQUE = {
  "api.resource.Quantity": "string | number",
  "util.intstr.IntOrString": "string | number",
  "meta.v1.Time": "string",
  "meta.v1.MicroTime": "string",
  "runtime.RawExtension": "unknown",
  "meta.v1.FieldsV1": "Record<string, unknown>",
  "apiextensions.v1.JSON": "unknown",
  "apiextensions.v1.JSONSchemaPropsOrArray": "unknown",
  "apiextensions.v1.JSONSchemaPropsOrBool": "unknown",
  "apiextensions.v1.JSONSchemaPropsOrStringArray": "unknown",
};
/** Two groups share some names (Event, EndpointPort ...): those carry their group as a prefix outside core and meta. */
const taken = new Map();
const prefer = (name) => (name.startsWith("meta.") ? 0 : name.startsWith("core.") ? 1 : 2);
for (const name of Object.keys(schemas).sort((a, b) => prefer(a) - prefer(b) || (a < b ? -1 : 1))) {
  const parts = name.split(".");
  const base = parts.at(-1);
  const pascal = (s) => s[0].toUpperCase() + s.slice(1);
  if (![...taken.values()].includes(base)) taken.set(name, base);
  else taken.set(name, pascal(parts[0]) + pascal(parts[1]) + base);
}
function tsType(type) {
  if (type.startsWith("map[")) return `Record<string, ${tsType(type.slice(4, -1))}>`;
  if (type.startsWith("[")) {
    const inner = tsType(type.slice(1, -1));
    return /[|]/.test(inner) ? `(${inner})[]` : `${inner}[]`;
  }
  if (OPAQUE[type]) return OPAQUE[type];
  if (schemas[type]) return taken.get(type);
  const plain = type.split(":")[0];
  if (plain === "integer" || plain === "number") return "number";
  if (plain === "boolean") return "boolean";
  if (plain === "string") return "string";
  return "unknown";
}
const types = Object.keys(schemas)
  .filter((name) => !OPAQUE[name])
  .sort()
  .map((name) => {
    const fields = Object.entries(schemas[name].f)
      .filter(([, field]) => field.t)
      .map(([key, field]) => `  ${/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key)}?: ${tsType(field.t)};`);
    return `/** ${name} */\nexport interface ${taken.get(name)} {\n${fields.join("\n")}\n}\n`;
  });
writeFileSync(
  "shared/kinds/_generated/types.ts",
  `// Made by scripts/import-facts.mjs from the schemas of Kubernetes 1.36. Every member is optional: a stored object may lack any.\n\n${types.join("\n")}`,
);

const yes = (cell) => cell === "y";
const list = (cell) => (cell ? cell.split(",") : []);
const kinds = new Map(table("kinds.tsv").map((row) => [`${row.group}/${row.version}/${row.kind}`, short(row.schema)]));
const resources = table("discovery.tsv")
  .filter((row) => row.group !== "group" && !row.group.endsWith(".example.test"))
  .map((row) => ({
    group: row.group,
    version: row.version,
    resource: row.resource,
    ...(row.subresource ? { subresource: row.subresource } : { singular: row.singular }),
    namespaced: yes(row.namespaced),
    kind: row.kind,
    ...(row.responseGVK ? { responseGVK: row.responseGVK } : {}),
    verbs: list(row.verbs),
    ...(row.shortNames ? { shortNames: list(row.shortNames) } : {}),
    ...(row.categories ? { categories: list(row.categories) } : {}),
    ...(kinds.has(`${row.group}/${row.version}/${row.kind}`) ? { schema: kinds.get(`${row.group}/${row.version}/${row.kind}`) } : {}),
  }));
const groups = table("groups.tsv").map((row) => ({
  group: row.group,
  versions: list(row.versions),
  preferredVersion: row.preferredVersion,
}));
writeFileSync(
  "shared/kinds/_generated/resources.json",
  `{"groups":[\n${groups.map((g) => JSON.stringify(g)).join(",\n")}\n],\n"resources":[\n${resources.map((r) => JSON.stringify(r)).join(",\n")}\n]}\n`,
);
