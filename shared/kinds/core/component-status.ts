// ComponentStatus of v1: computed when read, never stored. As upstream: pkg/registry/core/componentstatus.
import type { ComponentStatus } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { NAME_COLUMN, nameOf, textColumn } from "../_core/table.ts";

export const componentStatusKind = defineKind<ComponentStatus>("v1/componentstatuses", {
  virtual: true,
  table: {
    columns: [NAME_COLUMN, textColumn("Status"), textColumn("Message"), textColumn("Error")],
    row(object) {
      const healthy = object.conditions?.find((condition) => condition.type === "Healthy");
      const status = healthy === undefined ? "Unknown" : healthy.status === "True" ? "Healthy" : "Unhealthy";
      return [nameOf(object), status, healthy?.message ?? "", healthy?.error ?? ""];
    },
  },
});
