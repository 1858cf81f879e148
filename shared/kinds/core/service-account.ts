// ServiceAccount of v1. As upstream: pkg/registry/core/serviceaccount/strategy.go.
import type { ServiceAccount } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import { AGE_COLUMN, ageOf, NAME_COLUMN, nameOf } from "../_core/table.ts";

export const serviceAccountKind = defineKind<ServiceAccount>("v1/serviceaccounts", {
  nameRule: nameIsDNSSubdomain,
  deleteReturnsObject: true,
  table: { columns: [NAME_COLUMN, AGE_COLUMN], row: (object, now) => [nameOf(object), ageOf(object, now)] },
});
