// PriorityLevelConfiguration of flowcontrol.apiserver.k8s.io/v1.
import type { PriorityLevelConfiguration } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const priorityLevelConfigurationKind = defineKind<PriorityLevelConfiguration>("flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations", {});
