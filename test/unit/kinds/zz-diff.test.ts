import { it } from "vitest";
import { readFileSync } from "node:fs";
import { KINDS } from "../../../shared/kinds/index.ts";
import { testContext } from "../../support/facts.ts";
it("diff", { timeout: 60000 }, () => {
  const list = JSON.parse(readFileSync("/tmp/k2/diff/answers.json", "utf8"));
  const UID = "11111111-2222-4333-8444-555555555555"; let n = 0, bad = 0;
  const sorted = (v: any): any => Array.isArray(v) ? v.map(sorted) : v && typeof v === "object" ? Object.fromEntries(Object.entries(v).filter(([, x]) => x !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, x]) => [k, sorted(x)])) : v;
  for (const a of list) {
    if (![201, 422].includes(a.code)) continue; n++;
    const o = a.object; const kind = KINDS.find((k) => `${k.group}/${k.version}` === o.apiVersion && k.kind === o.kind)!;
    try {
      kind.defaults(o); o.metadata.uid = UID; if (kind.namespaced) o.metadata.namespace = "default"; kind.prepareForCreate(o, testContext);
      const out = (l: string) => !/^\S+ metadata\b/.test(l);
      const got = kind.validate(o, testContext).map((e) => `${e.type} ${e.field}: ${e.message}`).filter(out);
      const wt = (a.causes ?? []).map(([t, f, m]: string[]) => `${t} ${f}: ${m}`).filter(out);
      const uids = JSON.stringify(wt).match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g);
      const want = wt.map((s: string) => uids ? s.replaceAll(uids[0]!, UID) : s);
      if (JSON.stringify(got) !== JSON.stringify(want.filter((w: string) => !/compilation failed|must evaluate/.test(w)))) { bad++; console.log("DIFF", a.base, "\n  want", want.filter((w: string) => !got.includes(w)).map((s: string) => s.slice(0, 260)).join(" | ") || "(order)" + want.map((s: string) => s.slice(-70)).slice(-6).join(" | "), "\n  got ", got.filter((w) => !want.includes(w)).map((s) => s.slice(0, 260)).join(" | ") || "(order)" + got.map((s) => s.slice(-70)).slice(-6).join(" | ")); continue; }
      if (a.code === 201) {
        const w = a.warnings.map((x: string) => JSON.parse(x.slice(x.indexOf('"')))); const gw = kind.warnings(o, undefined);
        if (JSON.stringify(w) !== JSON.stringify(gw)) { bad++; console.log("WARN", a.base, "\n  want", w.join(" | ").slice(0, 300), "\n  got ", gw.join(" | ").slice(0, 300)); }
        const strip = ({ metadata, ...r }: any) => ({ ...r, metadata: { labels: metadata.labels, generation: metadata.generation, annotations: metadata.annotations } });
        const x = JSON.stringify(sorted(strip(a.output))).replaceAll(a.output.metadata.uid, UID), y = JSON.stringify(sorted(strip(JSON.parse(JSON.stringify(o)))));
        if (x !== y) { bad++; let i = 0; while (x[i] === y[i]) i++; console.log("OUT ", a.base, "\n  want", x.slice(Math.max(0, i - 60), i + 120), "\n  got ", y.slice(Math.max(0, i - 60), i + 120)); }
      }
    } catch (e) { bad++; console.log("THROW", a.base, String((e as Error).stack).slice(0, 400)); }
  }
  console.log("TOTAL", n, "BAD", bad);
});
