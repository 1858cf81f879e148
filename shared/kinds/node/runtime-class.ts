// RuntimeClass of node.k8s.io/v1.
import type { RuntimeClass } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const runtimeClassKind = defineKind<RuntimeClass>("node.k8s.io/v1/runtimeclasses", {});
