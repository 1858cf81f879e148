import { readFileSync } from "node:fs";
import { trackUpdate } from "../../../shared/managed-fields/track-update.ts";
import { customResourceType } from "../../../shared/managed-fields/merge-type.ts";
import { applyPatch } from "../../../shared/managed-fields/apply.ts";
import { equalJson, cloneJson } from "../../../shared/base/json.ts";
const crd = JSON.parse(readFileSync("/tmp/basics/crd.json", "utf8"));
const cr = customResourceType(crd.spec.versions[0].schema.openAPIV3Schema);
const rows = readFileSync("/tmp/basics/recorded.jsonl", "utf8").trim().split("\n").map((l) => JSON.parse(l));
let good = 0, bad = 0;
const noTime = (m: any) => (m ?? []).map(({ time: _t, ...r }: any) => r);
for (const r of rows) {
  if (!["create", "put", "merge"].includes(r.how) || r.code > 201) continue;
  const next = cloneJson(r.after); 
  if (r.how === "put" || r.how === "create") { if (r.body.metadata.managedFields) next.metadata.managedFields = r.body.metadata.managedFields; else delete next.metadata.managedFields; } else if (r.before) next.metadata.managedFields = r.before.metadata.managedFields;
  const t = "2030-01-01T00:00:00Z";
  const got = trackUpdate({ stored: r.before, next, schema: r.schema === "cr" ? cr : r.schema, apiVersion: r.apiVersion, manager: r.manager, time: t });
  const sortM = (m: any[]) => [...m].sort((a, b) => JSON.stringify([a.manager, a.operation]) < JSON.stringify([b.manager, b.operation]) ? -1 : 1);
  const want = sortM(noTime(r.after.metadata.managedFields)), mine = sortM(noTime(got));
  // times
  const changed = (got ?? []).filter((e: any) => e.time === t).map((e: any) => e.manager + e.operation);
  if (equalJson(want, mine)) good++; else { bad++; if (bad < 6) { console.log(r.id, r.how, r.manager); for (const w of want) { const g = mine.find((x: any) => x.manager === w.manager && x.operation === w.operation); if (!equalJson(w, g)) console.log("  want", JSON.stringify(w), "\n   got", JSON.stringify(g)); } for (const g of mine) if (!want.find((x: any) => x.manager === g.manager && x.operation === g.operation)) console.log("  extra", JSON.stringify(g)); } }
}
console.log(good, bad);

good = 0; bad = 0; let c = 0, cb = 0, tb = 0;
const strip = (o: any): any => { const x = cloneJson(o); for (const k of ["resourceVersion", "generation", "uid", "creationTimestamp", "namespace", "managedFields"]) delete x.metadata[k]; return x; };
const sortM = (m: any[]) => [...m].sort((a, b) => JSON.stringify([a.manager, a.operation]) < JSON.stringify([b.manager, b.operation]) ? -1 : 1);
for (const r of rows) {
  if (!["apply", "force"].includes(r.how)) continue;
  const t = "2030-01-01T00:00:00Z";
  const kind = r.body.kind;
  const got: any = applyPatch({ stored: r.code === 201 ? undefined : r.before, applied: r.body, schema: r.schema === "cr" ? cr : r.schema, apiVersion: r.apiVersion, kind, manager: r.manager, force: r.how === "force", time: t });
  if (r.code === 409 || r.code === 500) {
    const norm = (s: any) => ({ ...s, message: s?.message?.split("\n").sort(), details: { causes: [...(s?.details?.causes ?? [])].sort((a: any, b: any) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1) } });
    if (!got.ok && equalJson(norm(got.error), norm(r.status))) c++; else { cb++; if (cb < 5) console.log(r.id, "want", JSON.stringify(r.status), "\n got", JSON.stringify(got.ok ? "OK" : got.error)); }
    continue;
  }
  if (r.code > 201) continue;
  if (!got.ok) { bad++; console.log(r.id, r.how, got.error); continue; }
  const want = sortM(noTime(r.after.metadata.managedFields)), mine = sortM(noTime(got.value.managedFields));
  const wb = strip(r.after), gb = strip(got.value.object);
  const okM = equalJson(want, mine);
  const contains = (w: any, g: any, p = ""): string[] => { if (g && typeof g === "object" && !Array.isArray(g)) return Object.keys(g).flatMap((k) => contains(w?.[k], g[k], p + "." + k)); if (Array.isArray(g)) return (g.length === 0 && !w) ? [] : Array.isArray(w) && w.length === g.length ? g.flatMap((x, i) => contains(w[i], x, p + i)) : [p + " len"]; return w === g || typeof g === "number" ? [] : [p + " " + JSON.stringify(w) + " vs " + JSON.stringify(g)]; };
  const d = contains(wb, gb).filter((x) => !/cpu/.test(x));
  const lost = contains(gb, wb).filter((x) => !/imagePullPolicy|termination|protocol|restartPolicy|dnsPolicy|scheduler|resources|securityContext|defaultMode|policyTypes|cpu|pathType|apiVersion|fieldRef/.test(x));
  const unchangedServer = r.before && r.before.metadata.resourceVersion === r.after.metadata.resourceVersion;
  const times = (m: any[]) => Object.fromEntries((m ?? []).map((e: any) => [e.manager + e.operation, e.time]));
  if (okM && d.length === 0 && lost.length === 0) good++; else { bad++; if (bad < 6) { console.log(r.id, r.how, r.manager, d, lost); for (const w of want) { const g = mine.find((x: any) => x.manager === w.manager && x.operation === w.operation); if (!equalJson(w, g)) console.log("  want", JSON.stringify(w), "\n   got", JSON.stringify(g)); } for (const g of mine) if (!want.find((x: any) => x.manager === g.manager && x.operation === g.operation)) console.log("  extra", JSON.stringify(g)); } }
  if (!got.value.changed) { tb++; console.log("unchanged", r.id, "server rv same:", unchangedServer, JSON.stringify(times(r.before.metadata.managedFields)), JSON.stringify(times(r.after.metadata.managedFields)), r.manager); }
}
console.log("apply", good, bad, "conflicts", c, cb, "unchanged", tb);
