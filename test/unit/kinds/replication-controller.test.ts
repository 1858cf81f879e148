import { expect, it } from "vitest";
import { replicationControllerKind } from "../../../shared/kinds/core/replication-controller.ts";
import { describeKind } from "./fact-suite.ts";

describeKind(replicationControllerKind, { bases: ["replicationcontroller", "replicationcontroller-full"] });

it("a ReplicationController scales by spec.replicas and its selector, and leaves its pods when it goes", () => {
  const object = { spec: { replicas: 3, selector: { b: "2", a: "1" } }, status: { replicas: 2 } };
  const { scale } = replicationControllerKind;
  expect([scale?.replicas(object), scale?.statusReplicas(object), scale?.selector(object)]).toEqual([3, 2, "a=1,b=2"]);
  scale?.setReplicas(object, 5);
  expect(object.spec.replicas).toBe(5);
  expect(replicationControllerKind.defaultPropagation).toBe("orphan");
});
