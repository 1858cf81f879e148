// APIService of apiregistration.k8s.io/v1.
import type { APIService } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const apiServiceKind = defineKind<APIService>("apiregistration.k8s.io/v1/apiservices", {});
