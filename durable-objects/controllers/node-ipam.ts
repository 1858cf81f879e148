// node-ipam-controller: gives every node a range of pod addresses. As upstream: pkg/controller/nodeipam/ipam/range_allocator.go.
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { Node } from "../../shared/kinds/_generated/types.ts";
import { type Action, defineController } from "../../shared/reconcile/controller.ts";
import { isDeleting, nameOf, plan, seen, uidOf } from "./_parts/world.ts";

/** All nodes are served together: a range must not be given twice. */
const EVERYWHERE = "*";
const BLOCK = 256;
/** 10.244.0.0/16 and what follows it up to 10.255, then what lies before it above the Services' 10.96.0.0/12. */
const SECOND_OCTETS: readonly number[] = [...Array.from({ length: 12 }, (_, index) => 244 + index), ...Array.from({ length: 132 }, (_, index) => 112 + index)];

interface NodeView {
  readonly name: string;
  readonly uid: string;
  readonly podCIDR: string;
  readonly deleting: boolean;
}

function* freeRanges(taken: ReadonlySet<string>): Generator<string> {
  for (const second of SECOND_OCTETS) {
    for (let third = 0; third < BLOCK; third++) {
      const range = `10.${second}.${third}.0/24`;
      if (!taken.has(range)) yield range;
    }
  }
}

export const nodeIpamController = defineController({
  name: "node-ipam-controller",
  triggers: [
    {
      resource: "/nodes",
      hints: (next) => (next !== undefined && ((next as Node).spec?.podCIDR ?? "") === "" && !isDeleting(next) ? [EVERYWHERE] : []),
    },
  ],
  views: {
    nodes: {
      resource: "/nodes",
      project: (object: KubeObject): NodeView => ({
        name: nameOf(object),
        uid: uidOf(object),
        podCIDR: (object as Node).spec?.podCIDR ?? "",
        deleting: isDeleting(object),
      }),
    },
  },
  needs: () => ({ nodes: { view: "nodes" } }),
  reconcile(_key, _root, world) {
    const nodes = seen<NodeView>(world, "nodes");
    const ranges = freeRanges(new Set(nodes.map((node) => node.podCIDR)));
    const actions: Action[] = [];
    for (const node of nodes) {
      if (node.podCIDR !== "" || node.deleting) continue;
      const range = ranges.next();
      const about = { apiVersion: "v1", kind: "Node", metadata: { name: node.name, uid: node.uid } };
      if (range.done === true) {
        const message = `Node ${node.name} status is now: CIDRNotAvailable`;
        actions.push({ do: "event", about, type: "Normal", reason: "CIDRNotAvailable", message });
        continue;
      }
      const spec = { podCIDR: range.value, podCIDRs: [range.value] };
      actions.push({ do: "patch", resource: "/nodes", namespace: "", name: node.name, type: "merge", patch: { metadata: { uid: node.uid }, spec } });
    }
    return plan(actions);
  },
});
