// How Go prints a whole pod template in the message about an immutable field: internal field names, absent ones as null.
import type { Json } from "../../base/json.ts";
import type { PodSpec, PodTemplateSpec } from "../_generated/types.ts";

export const podSpecValue = (spec: PodSpec | undefined): Json | undefined => spec as Json | undefined;
export const podTemplateValue = (template: PodTemplateSpec | undefined): Json | undefined => template as Json | undefined;
