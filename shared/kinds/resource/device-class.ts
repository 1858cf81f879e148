// DeviceClass of resource.k8s.io/v1.
import type { DeviceClass } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const deviceClassKind = defineKind<DeviceClass>("resource.k8s.io/v1/deviceclasses", {});
