// Event of events.k8s.io/v1: the newer face of the Events that v1 stores. As upstream: pkg/registry/core/event/strategy.go.
import type { EventsV1Event } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import { normalize } from "../../schema/fill.ts";
import { eventsEventFields, eventTable, fillEventsEvent, toCoreEvent, toEventsEvent, validateNewStyle, validateNewStyleUpdate } from "../_core/event-rules.ts";

export const eventsEventKind = defineKind<EventsV1Event>("events.k8s.io/v1/events", {
  defaults: fillEventsEvent,
  nameRule: nameIsDNSSubdomain,
  validate: (object) => validateNewStyle(toCoreEvent(object)),
  update: { validate: (next, stored) => validateNewStyleUpdate(toCoreEvent(next), toCoreEvent(stored)) },
  allowCreateOnUpdate: true,
  selectableFields: eventsEventFields,
  table: eventTable((object: EventsV1Event) => toCoreEvent(object)),
  storedIn: "/events",
  conversion: {
    toStored(object) {
      const event = toCoreEvent(object);
      normalize(event, "core.v1.Event");
      return event;
    },
    fromStored(object) {
      const event = toEventsEvent(object);
      normalize(event, "events.v1.Event");
      return event;
    },
  },
});
