// FlowSchema of flowcontrol.apiserver.k8s.io/v1.
import type { FlowSchema } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const flowSchemaKind = defineKind<FlowSchema>("flowcontrol.apiserver.k8s.io/v1/flowschemas", {});
