// Both faces of Event against the recorded answers of a real server, and the way from one to the other.
import { describe, expect, it } from "vitest";
import { eventKind } from "../../../shared/kinds/core/event.ts";
import { eventsEventKind } from "../../../shared/kinds/events/event.ts";
import { columnMismatches, createMismatches, jsonLines, recordedColumns, updateMismatches, type ColumnsFact } from "../../support/facts.ts";
import type { Event, EventsV1Event } from "../../../shared/kinds/_generated/types.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import { asAny, eventColumnMismatches, maskedDefaulting } from "./core-support.ts";

/** Facts about validation were recorded in another namespace than the inputs name. */
const moved = (object: KubeObject): void => {
  const { involvedObject, regarding } = object as Event & EventsV1Event;
  for (const about of [involvedObject, regarding]) if (about?.namespace === "facts-def") about.namespace = "facts-val";
};

describe.each([
  { name: "v1", kind: asAny(eventKind), bases: ["event-core", "event-core-full"], defaulted: ["event-core-full"] },
  { name: "events.k8s.io/v1", kind: asAny(eventsEventKind), bases: ["event-v1", "event-v1-series"], defaulted: ["event-v1"] },
])("Event of $name", ({ kind, bases, defaulted }) => {
  it("refuses new objects as recorded", () => expect(createMismatches(kind, bases, moved)).toEqual([]));
  it("refuses updates as recorded", () => expect(updateMismatches(kind, bases, moved)).toEqual([]));
  it("fills in defaults as recorded", () => expect(maskedDefaulting(kind, defaulted)).toEqual([]));
  it("prints table rows as recorded", () => expect(eventColumnMismatches(kind)).toEqual([]));
  it("prints nearly all of them to the second", () => expect(columnMismatches(kind).length).toBeLessThan(3));
  it("has the recorded columns", () =>
    expect(kind.table.columns.map(({ name, type, format = "", priority }) => ({ name, type, format, priority }))).toEqual(recordedColumns(kind)));
});

describe("Event", () => {
  const samples = jsonLines<ColumnsFact>("columns-samples.jsonl").filter((fact) => fact.kind === "Event");
  const of = (apiVersion: string): Map<string, KubeObject> =>
    new Map(samples.filter((fact) => fact.apiVersion === apiVersion).map(({ object }) => [object.metadata?.uid ?? "", object]));
  const plain = (object: KubeObject): unknown => {
    const { metadata, ...rest } = JSON.parse(JSON.stringify(object)) as KubeObject;
    return { ...rest, metadata: { name: metadata?.name } };
  };
  const core = of("v1");
  const both = [...of("events.k8s.io/v1")].filter(([uid]) => core.has(uid));
  it("has samples recorded through both versions", () => expect(both.length).toBeGreaterThan(5));
  it.each(both)("%s reads through either version as recorded", (uid, object) => {
    const other = core.get(uid) ?? {};
    expect(plain(eventsEventKind.conversion?.toStored(object) ?? {})).toEqual(plain(other));
    expect(plain(eventsEventKind.conversion?.fromStored(other) ?? {})).toEqual(plain(object));
  });
  it("answers field selectors of its own version on either form", () => {
    const event: Event = { reason: "R", source: {}, reportingComponent: "c", involvedObject: { kind: "Pod", name: "p" } };
    expect(eventKind.selectableFields["involvedObject.name"]?.(event)).toBe("p");
    expect(eventKind.selectableFields.source?.(event)).toBe("c");
    expect(eventsEventKind.selectableFields["regarding.kind"]?.(event as KubeObject)).toBe("Pod");
    expect(eventsEventKind.selectableFields["regarding.kind"]?.({ regarding: { kind: "Job" } })).toBe("Job");
    expect(Object.keys(eventsEventKind.selectableFields)).not.toContain("involvedObject.kind");
  });
});
