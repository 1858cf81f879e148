// CustomResourceDefinition of apiextensions.k8s.io/v1.
import type { CustomResourceDefinition } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const customResourceDefinitionKind = defineKind<CustomResourceDefinition>("apiextensions.k8s.io/v1/customresourcedefinitions", {});
