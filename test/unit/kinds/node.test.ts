// Node against the recorded answers of a real server.
import { describe, expect, it } from "vitest";
import { nodeKind } from "../../../shared/kinds/core/node.ts";
import { testContext } from "../../support/facts.ts";
import type { Node } from "../../../shared/kinds/_generated/types.ts";
import { canonicalLists } from "./core-support.ts";
import { describeKind } from "./fact-suite.ts";

/** The admission plugin TaintNodesByCondition, and what decoding does to quantities. */
const admit = (object: Node): void => {
  ((object.spec ??= {}).taints ??= []).push({ effect: "NoSchedule", key: "node.kubernetes.io/not-ready" });
  canonicalLists(object, ["capacity", "allocatable"]);
};
describeKind(nodeKind, { bases: ["node", "node-full"], admit });

describe("Node", () => {
  it("is created with the status that a kubelet sends", () => {
    const node: Node = { status: { capacity: { cpu: "1" } } };
    nodeKind.prepareForCreate(node, testContext);
    expect(node.status).toEqual({ capacity: { cpu: "1" } });
  });
  it("mirrors the first of its pod CIDRs", () => {
    const node = (spec: Node["spec"]): Node["spec"] => {
      const object: Node = spec ? { spec } : {};
      nodeKind.defaults(object);
      return object.spec;
    };
    expect(node({ podCIDR: "10.1.0.0/24" })).toEqual({ podCIDR: "10.1.0.0/24", podCIDRs: ["10.1.0.0/24"] });
    expect(node({ podCIDRs: ["10.1.0.0/24", "fd00::/64"] })?.podCIDR).toBe("10.1.0.0/24");
    expect(node({ podCIDR: "10.2.0.0/24", podCIDRs: ["10.1.0.0/24", "fd00::/64"] })?.podCIDRs).toEqual(["10.2.0.0/24"]);
  });
});
