import { expect, test } from "vitest";
import { createMismatches, updateMismatches, defaultingMismatches, columnMismatches, recordedColumns, jsonLines, mutated, inputObject, testContext, testPorts, type ValidationFact } from "/work/main/test/support/facts.ts";
import type { AnyKind, KubeObject } from "/work/main/shared/kinds/define-kind.ts";
import { serviceKind } from "/work/main/shared/kinds/core/service.ts";
import { configMapKind } from "/work/main/shared/kinds/core/configmap.ts";
import { secretKind } from "/work/main/shared/kinds/core/secret.ts";
import { nodeKind } from "/work/main/shared/kinds/core/node.ts";
import { namespaceKind } from "/work/main/shared/kinds/core/namespace.ts";
import { endpointsKind } from "/work/main/shared/kinds/core/endpoints.ts";
import { endpointSliceKind } from "/work/main/shared/kinds/discovery/endpoint-slice.ts";
import { limitRangeKind } from "/work/main/shared/kinds/core/limit-range.ts";
import { resourceQuotaKind } from "/work/main/shared/kinds/core/resource-quota.ts";
import { persistentVolumeKind } from "/work/main/shared/kinds/core/persistent-volume.ts";
import { persistentVolumeClaimKind } from "/work/main/shared/kinds/core/persistent-volume-claim.ts";
import { leaseKind } from "/work/main/shared/kinds/coordination/lease.ts";
import { eventKind } from "/work/main/shared/kinds/core/event.ts";
import { eventsEventKind } from "/work/main/shared/kinds/events/event.ts";
import { serviceAccountKind } from "/work/main/shared/kinds/core/service-account.ts";
import { componentStatusKind } from "/work/main/shared/kinds/core/component-status.ts";
const K: [AnyKind, RegExp, ((o: any) => void)?][] = [
 [serviceKind as never, /^service(-|$)(?!cidr)/, (o) => { const s = o.spec; if (s?.type !== "ExternalName" && !s?.clusterIP && o.metadata.namespace === "facts-val" && globalThis.upd) { s.clusterIP = "10.0.0.88"; s.clusterIPs = ["10.0.0.88"]; } }],
 [configMapKind as never, /^configmap/], [secretKind as never, /^secret/], [nodeKind as never, /^node/, (o) => { (o.spec.taints ??= []).push({ effect: "NoSchedule", key: "node.kubernetes.io/not-ready" }); }], [namespaceKind as never, /^namespace/],
 [endpointsKind as never, /^endpoints(-|$)/], [endpointSliceKind as never, /^endpointslice/], [limitRangeKind as never, /^limitrange/], [resourceQuotaKind as never, /^resourcequota/],
 [persistentVolumeKind as never, /^persistentvolume(-|$)/, (o) => { o.metadata.finalizers = ["kubernetes.io/pv-protection"]; }], [persistentVolumeClaimKind as never, /^persistentvolumeclaim/, (o) => { o.metadata.finalizers = ["kubernetes.io/pvc-protection"]; }],
 [leaseKind as never, /^lease/], [eventKind as never, /^event-core/, (o) => { if (o.involvedObject?.namespace === "facts-def" && o.metadata.namespace === "facts-val") o.involvedObject.namespace = "facts-val"; }], [eventsEventKind as never, /^event-v1/, (o) => { if (o.regarding?.namespace === "facts-def" && o.metadata.namespace === "facts-val") o.regarding.namespace = "facts-val"; }], [serviceAccountKind as never, /^serviceaccount/], [componentStatusKind as never, /^$/],
];
for (const [kind, re, admit] of K) test(kind.group + kind.resource, () => {
  const facts = jsonLines<ValidationFact>("validation.jsonl");
  const bases = [...new Set(facts.flatMap((f) => (f.base && re.test(f.base) ? [f.base] : f.base?.startsWith("live:") && re.test(f.base.slice(5)) ? [f.base.slice(5)] : [])))];
  const n = (p: string, codes: number[]) => facts.filter((f) => f.id.startsWith(p) && f.base && bases.includes(f.base.replace("live:", "")) && codes.includes(f.code)).length;
  (globalThis as any).upd = false;
  const c = createMismatches(kind, bases, admit);
  (globalThis as any).upd = true;
  const u = updateMismatches(kind, bases, admit);
  (globalThis as any).upd = false;
  const ids = jsonLines<{ id: string }>("defaulting.jsonl").map((f) => f.id).filter((id) => re.test(id));
  const d = defaultingMismatches(kind, ids, admit);
  const cols = columnMismatches(kind);
  const rec = JSON.stringify(recordedColumns(kind)) === JSON.stringify(kind.table.columns.map((x) => ({ name: x.name, type: x.type, format: x.format ?? "", priority: x.priority })));
  console.log(`## ${kind.group}/${kind.resource} create ${c.length}/${n("create/", [201, 422])} update ${u.length}/${n("update/", [200, 422])} defaulting ${d.length}/${ids.length} columns ${cols.length} defs ${rec}\n` +
    [...c, ...u].slice(0, 12).map((x) => JSON.stringify(x)).join("\n") + "\n" + d.map((x) => JSON.stringify(x)).join("\n") + "\n" + cols.slice(0, 5).map((x) => JSON.stringify(x)).join("\n"));
});
