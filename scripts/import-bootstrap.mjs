// Turns the objects that a fresh real cluster has into the compact table of this repository:
//   node scripts/import-bootstrap.mjs test/facts/bootstrap.jsonl
// Only what a kube-apiserver makes of itself; what controllers make, ours make too.
import { readFileSync, writeFileSync } from "node:fs";

const [, , file] = process.argv;
if (!file) throw new Error("usage: node scripts/import-bootstrap.mjs FILE");
/** Kinds whose objects speak of the server that made them: ours are written by hand in shared/bootstrap. */
const OWN = new Set([
  "nodes",
  "leases",
  "events",
  "services",
  "endpoints",
  "endpointslices",
  "ipaddresses",
  "configmaps",
  "serviceaccounts",
  "pods",
  "servicecidrs",
]);
const out = {};
for (const line of readFileSync(file, "utf8").trimEnd().split("\n")) {
  const { resource, madeBy, object } = JSON.parse(line);
  const parts = resource.split("/");
  const [group, plural] = parts.length === 2 ? ["", parts[1]] : [parts[0], parts[2]];
  if (madeBy !== "kube-apiserver" || OWN.has(plural)) continue;
  const { name, namespace, labels, annotations } = object.metadata;
  const {
    metadata: _metadata,
    status,
    ...rest
  } = JSON.parse(JSON.stringify(object).replaceAll('"<time>"', "null").replaceAll("<text>", "For pods that the cluster cannot do without."));
  const clean = { metadata: { name, ...(namespace ? { namespace } : {}), ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) }, ...rest };
  if (status) clean.status = status;
  (out[`${group}/${plural}`] ??= []).push(clean);
}
writeFileSync(
  "shared/bootstrap/_generated/objects.json",
  `{\n${Object.entries(out)
    .map(([id, objects]) => `${JSON.stringify(id)}:[\n${objects.map((o) => JSON.stringify(o)).join(",\n")}\n]`)
    .join(",\n")}\n}\n`,
);
