// LimitRange, ResourceQuota, Lease, ServiceAccount and ComponentStatus against the recorded answers of a real server.
import { describe, expect, it } from "vitest";
import { leaseKind } from "../../../shared/kinds/coordination/lease.ts";
import { componentStatusKind } from "../../../shared/kinds/core/component-status.ts";
import { limitRangeKind } from "../../../shared/kinds/core/limit-range.ts";
import { resourceQuotaKind } from "../../../shared/kinds/core/resource-quota.ts";
import { serviceAccountKind } from "../../../shared/kinds/core/service-account.ts";
import { testContext } from "../../support/facts.ts";
import { canonicalLists, maskedDefaulting } from "./core-support.ts";
import { describeKind } from "./fact-suite.ts";

describeKind(limitRangeKind, { bases: ["limitrange", "limitrange-full"] });
describeKind(resourceQuotaKind, { bases: ["resourcequota", "resourcequota-scoped"], admit: (object) => canonicalLists(object, ["hard"]) });
describeKind(leaseKind, { bases: ["lease", "lease-full"], gaps: ["defaulting/lease-full"] });
describeKind(serviceAccountKind, { bases: ["serviceaccount", "serviceaccount-full"] });
describeKind(componentStatusKind, { bases: [] });

describe("Lease", () => {
  it("keeps its times", () => expect(maskedDefaulting(leaseKind, ["lease-full"])).toEqual([]));
});
describe("ResourceQuota", () => {
  const texts = (spec: object): string[] => resourceQuotaKind.validate({ spec }, testContext).map(({ field, message }) => `${field}: ${message}`);
  it("knows which scopes fit which resources", () => {
    expect(texts({ hard: { pods: "1" }, scopes: ["VolumeAttributesClass"] })).toEqual([
      'spec.scopes: Invalid value: ["VolumeAttributesClass"]: unsupported scope applied to resource',
    ]);
    expect(texts({ hard: { pods: "1" }, scopes: ["BestEffort"] })).toEqual([]);
    expect(texts({ hard: { cpu: "1" }, scopes: ["NotBestEffort", "Terminating"] })).toEqual([]);
    expect(texts({ hard: { cpu: "1" }, scopes: ["BestEffort"] })).toHaveLength(1);
  });
  it("knows which names may be counted", () => {
    const hard = { foo: "1", "example.com/x": "1", "requests.nvidia.com/gpu": "1500m", "count/foo": "1.5", cpu: "1m", storage: "1" };
    expect(texts({ hard })).toEqual([
      'spec.hard[count/foo]: Invalid value: "1500m": must be an integer',
      'spec.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota',
      'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota',
    ]);
  });
});
