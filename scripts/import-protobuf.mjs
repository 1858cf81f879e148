// Turns field numbers read off a real API server, and the Go types' pointer fields, into the protobuf table of this repository:
//   node scripts/import-protobuf.mjs FACTS_DIR GO_MODULES_DIR
// A row: number, JSON name, type, `*` where Go has a pointer (so that a zero that was sent is told from one that was not).
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , facts, modules] = process.argv;
if (!facts || !modules) throw new Error("usage: node scripts/import-protobuf.mjs FACTS_DIR GO_MODULES_DIR");
const rows = (name) =>
  readFileSync(join(facts, name), "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"));
const short = (name) =>
  name
    .replace("k8s.io.apimachinery.pkg.apis.", "")
    .replace("k8s.io.apimachinery.pkg.", "")
    .replace("k8s.io.apiextensions_apiserver.pkg.apis.", "")
    .replace("k8s.io.kube_aggregator.pkg.apis.", "")
    .replace("k8s.io.api.", "");
const SERVED = /^(meta\.v1|runtime|util\.intstr|api\.resource|autoscaling\.v2|\w+\.v1)$/;

const inline = new Map();
for (const [message, number, , , note] of rows("protobuf-inline.tsv")) inline.set(`${short(message)}#${number}`, note);

/** Pointer fields of scalar type, by package and JSON name. */
const pointers = new Set();
function readGo(pkg, file) {
  if (!existsSync(file)) return;
  let struct = "";
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const start = /^type (\w+) struct/.exec(line);
    if (start) struct = start[1];
    const field = /^\s+\w+\s+\*([\w.]+)\s+`[^`]*json:"([^",]+)/.exec(line);
    if (field && struct) pointers.add(`${pkg}.${struct}#${field[2]}`);
  }
}
const SCALARS = { string: "s", bool: "b", int32: "i", int64: "l", double: "d", bytes: "y", uint32: "i" };
const out = {};
const packages = new Set();
for (const [pkgLong, message, number, field, label, type] of rows("protobuf.tsv")) {
  const pkg = short(pkgLong);
  if (!SERVED.test(pkg)) continue;
  packages.add(pkg);
  const ref = (text) => SCALARS[text] ?? (text.startsWith("k8s.io.") ? short(text) : `${pkg}.${text}`);
  const map = /^map<string,(.*)>$/.exec(type);
  const coded = map ? `{${ref(map[1])}` : label === "repeated" ? `[${ref(type)}` : ref(type);
  (out[`${pkg}.${message}`] ??= []).push([Number(number), field, coded]);
}
const versionOf = {
  api: "k8s.io/api@v0.36.3",
  apimachinery: "k8s.io/apimachinery@v0.36.3",
  ext: "k8s.io/apiextensions-apiserver@v0.36.3",
  agg: "k8s.io/kube-aggregator@v0.36.3",
};
for (const pkg of packages) {
  const path = pkg.replace(".", "/");
  readGo(pkg, join(modules, versionOf.api, path, "types.go"));
  readGo(pkg, join(modules, versionOf.apimachinery, "pkg/apis", path, "types.go"));
  readGo(pkg, join(modules, versionOf.ext, "pkg/apis", path, "types.go"));
  readGo(pkg, join(modules, versionOf.ext, "pkg/apis", path, "types_jsonschema.go"));
  readGo(pkg, join(modules, versionOf.agg, "pkg/apis", path, "types.go"));
}
/** JSON names that the numbers' table does not have. */
const JSON_NAMES = {
  Webhooks: "webhooks",
  Expression: "expression",
  Name: "name",
  uID: "uid",
  aPIGroup: "apiGroup",
  schema: "$schema",
  ref: "$ref",
  xKubernetesPreserveUnknownFields: "x-kubernetes-preserve-unknown-fields",
  xKubernetesEmbeddedResource: "x-kubernetes-embedded-resource",
  xKubernetesIntOrString: "x-kubernetes-int-or-string",
  xKubernetesListMapKeys: "x-kubernetes-list-map-keys",
  xKubernetesListType: "x-kubernetes-list-type",
  xKubernetesMapType: "x-kubernetes-map-type",
  xKubernetesValidations: "x-kubernetes-validations",
};
const lines = Object.keys(out)
  .sort()
  .map((message) => {
    const fields = out[message].map(([number, field, type]) => {
      const note = inline.get(`${message}#${number}`);
      if (note === "inline") return `${number} . ${type}`;
      const json = note ? (JSON_NAMES[field] ?? field) : field;
      const pointer = type.length === 1 && pointers.has(`${message}#${json}`) ? " *" : "";
      return `${number} ${json} ${type}${pointer}`;
    });
    return `${JSON.stringify(message)}:${JSON.stringify(fields.join(","))}`;
  });
writeFileSync("shared/protobuf/_generated/messages.json", `{\n${lines.join(",\n")}\n}\n`);
