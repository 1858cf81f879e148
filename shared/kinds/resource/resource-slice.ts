// ResourceSlice of resource.k8s.io/v1.
import type { ResourceSlice } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const resourceSliceKind = defineKind<ResourceSlice>("resource.k8s.io/v1/resourceslices", {});
