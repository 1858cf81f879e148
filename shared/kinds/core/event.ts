// Event of v1, the older of the two faces of one stored object. As upstream: pkg/registry/core/event/strategy.go.
import type { Event } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { nameIsPathSegment } from "../../meta/names.ts";
import { coreEventFields, eventTable, fillEvent, validateLegacy } from "../_core/event-rules.ts";

export const eventKind = defineKind<Event>("v1/events", {
  defaults: fillEvent,
  // Upstream has no rule of its own; a name must still fit into a path.
  nameRule: nameIsPathSegment,
  validate: (object) => validateLegacy(object, "reportingComponent"),
  allowCreateOnUpdate: true,
  selectableFields: coreEventFields,
  table: eventTable((object: Event) => object),
});
