// What both versions of Event have in common: one internal form, its checks, its table, its conversion.
// As upstream: pkg/apis/core/validation/events.go, pkg/registry/core/event/strategy.go.
import type { Json } from "../../base/json.ts";
import { equalJson } from "../../base/json.ts";
import { invalid, required, type FieldError } from "../../errors/field-error.ts";
import { isDNS1123Subdomain, isQualifiedName } from "../../meta/names.ts";
import { byteLength } from "../../meta/text.ts";
import { age } from "../../meta/time.ts";
import type { EpochMs } from "../../base/ports.ts";
import type { Event, EventsV1Event } from "../_generated/types.ts";
import type { ColumnDefinition, KubeObject, TablePrinter } from "../define-kind.ts";
import { nameOf, textColumn } from "./table.ts";

const TEXT_MAX = 128;
const NOTE_MAX = 1024;
const MISMATCH = "does not match event.namespace";

/** Members of events.k8s.io/v1 that core/v1 calls otherwise. */
const NAMES: readonly (readonly [events: keyof EventsV1Event, core: keyof Event])[] = [
  ["regarding", "involvedObject"],
  ["note", "message"],
  ["reportingController", "reportingComponent"],
  ["deprecatedSource", "source"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedCount", "count"],
];

function renamed(object: KubeObject, apiVersion: string, from: 0 | 1): KubeObject {
  const source = object as Record<string, unknown>;
  const names = new Map<string, string>(NAMES.map((pair) => [pair[from], pair[1 - from] ?? ""]));
  return { ...Object.fromEntries(Object.entries(source).map(([key, value]) => [names.get(key) ?? key, value])), apiVersion };
}
export const toCoreEvent = (object: KubeObject): Event => renamed(object, "v1", 0) as Event;
export const toEventsEvent = (object: KubeObject): EventsV1Event => renamed(object, "events.k8s.io/v1", 1) as EventsV1Event;

/** Members that are always on the wire, as a real server writes them. */
export function fillEvent(object: Event): void {
  object.eventTime ??= null as never;
  object.firstTimestamp ??= null as never;
  object.lastTimestamp ??= null as never;
  object.source ??= {};
  object.reportingComponent ??= "";
  object.reportingInstance ??= "";
  object.involvedObject ??= {};
}
export function fillEventsEvent(object: EventsV1Event): void {
  object.eventTime ??= null as never;
  object.deprecatedFirstTimestamp ??= null as never;
  object.deprecatedLastTimestamp ??= null as never;
  object.deprecatedSource ??= {};
  object.regarding ??= {};
}

function limited(value: string | undefined, field: string, max: number): FieldError[] {
  if (byteLength(value ?? "") <= max) return [];
  return [invalid(field, "", `can have at most ${max} characters`)];
}
const requiredText = (value: string | undefined, field: string): FieldError[] => (value ? limited(value, field, TEXT_MAX) : [required(field)]);

/** Checks of events in either API; `reporting`: what that API calls the reporting controller. */
export function validateLegacy(event: Event, reporting: "reportingComponent" | "reportingController"): FieldError[] {
  const errors: FieldError[] = [];
  const namespace = event.metadata?.namespace ?? "";
  const about = event.involvedObject?.namespace ?? "";
  if (!event.eventTime) {
    const fits = about === "" ? namespace === "" || namespace === "default" : about === namespace;
    if (!fits) errors.push(invalid("involvedObject.namespace", about, MISMATCH));
  } else {
    if (about === "" && namespace !== "default" && namespace !== "kube-system") {
      errors.push(invalid("involvedObject.namespace", about, MISMATCH));
    }
    const controller = event.reportingComponent ?? "";
    if (controller === "") errors.push(required(reporting));
    errors.push(...isQualifiedName(controller).map((message) => invalid(reporting, controller, message)));
    errors.push(...requiredText(event.reportingInstance, "reportingInstance"));
    errors.push(...requiredText(event.action, "action"));
    errors.push(...requiredText(event.reason, "reason"));
    errors.push(...limited(event.message, "message", NOTE_MAX));
  }
  return [...errors, ...isDNS1123Subdomain(namespace).map((message) => invalid("namespace", namespace, message))];
}

function validateSeries(event: Event): FieldError[] {
  if (!event.series) return [];
  return [
    ...((event.series.count ?? 0) < 2 ? [invalid("series.count", "", "should be at least 2")] : []),
    ...(event.series.lastObservedTime ? [] : [required("series.lastObservedTime")]),
  ];
}

/** What events.k8s.io/v1 asks of a new event besides; `event` is in core form. */
export function validateNewStyle(event: Event): FieldError[] {
  const errors = [...validateLegacy(event, "reportingController"), ...validateSeries(event)];
  const unset = (field: string): FieldError => invalid(field, "", "needs to be unset");
  if (!event.eventTime) errors.push(required("eventTime"));
  if (event.type !== "Normal" && event.type !== "Warning") errors.push(invalid("type", "", `has invalid value: ${event.type ?? ""}`));
  if (event.firstTimestamp) errors.push(unset("firstTimestamp"));
  if (event.lastTimestamp) errors.push(unset("lastTimestamp"));
  if (event.count) errors.push(unset("count"));
  if (event.source?.component || event.source?.host) errors.push(unset("source"));
  return errors;
}

/** Members that an update through events.k8s.io/v1 may not change, with the names its errors give them. */
const IMMUTABLE: readonly (readonly [member: keyof Event, field: string])[] = [
  ["involvedObject", "involvedObject"],
  ["reason", "reason"],
  ["message", "message"],
  ["source", "source"],
  ["firstTimestamp", "firstTimestamp"],
  ["lastTimestamp", "lastTimestamp"],
  ["count", "count"],
  ["type", "type"],
  ["eventTime", "eventTime"],
  ["action", "action"],
  ["related", "related"],
  ["reportingComponent", "reportingController"],
  ["reportingInstance", "reportingInstance"],
];
export function validateNewStyleUpdate(next: Event, stored: Event): FieldError[] {
  const errors = validateLegacy(next, "reportingController");
  if (!equalJson(next.series, stored.series)) errors.push(...validateSeries(next));
  for (const [member, field] of IMMUTABLE) {
    if (!equalJson(next[member] ?? null, stored[member] ?? null)) errors.push(invalid(field, next[member] as Json, "field is immutable"));
  }
  return errors;
}

export const EVENT_COLUMNS: readonly ColumnDefinition[] = [
  textColumn("Last Seen"),
  textColumn("Type"),
  textColumn("Reason"),
  textColumn("Object"),
  textColumn("Subobject", 1),
  textColumn("Source", 1),
  textColumn("Message"),
  textColumn("First Seen", 1),
  textColumn("Count", 1),
  { name: "Name", type: "string", format: "name", priority: 1 },
];

export function eventRow(event: Event, now: EpochMs): Json[] {
  const first = age(event.firstTimestamp || event.eventTime, now);
  let last = event.lastTimestamp ? age(event.lastTimestamp, now) : first;
  let count = event.count ?? 0;
  if (event.series) {
    last = age(event.series.lastObservedTime, now);
    count = event.series.count ?? 0;
  } else if (count === 0) count = 1;
  const { kind = "", name = "", fieldPath = "" } = event.involvedObject ?? {};
  const component = event.source?.component || event.reportingComponent || "";
  const instance = event.source?.host || event.reportingInstance || "";
  return [
    last,
    event.type ?? "",
    event.reason ?? "",
    name === "" ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`,
    fieldPath,
    instance === "" ? component : `${component}, ${instance}`,
    (event.message ?? "").trim(),
    first,
    count,
    nameOf(event),
  ];
}

export const eventTable = <T extends KubeObject>(toCore: (object: T) => Event): TablePrinter<T> => ({
  columns: EVENT_COLUMNS,
  row: (object, now) => eventRow(toCore(object), now),
});

type Reference = Record<string, string | undefined>;
/** Field selectors of events; the core names and those of events.k8s.io, on objects of either form. */
function selectable(about: "involvedObject" | "regarding"): Record<string, (object: KubeObject) => string> {
  const core = (object: KubeObject): Event => ("regarding" in object || object.apiVersion?.startsWith("events.") ? toCoreEvent(object) : (object as Event));
  const fields: Record<string, (object: KubeObject) => string> = {
    reason: (object) => core(object).reason ?? "",
    type: (object) => core(object).type ?? "",
    [about === "regarding" ? "reportingController" : "reportingComponent"]: (object) => core(object).reportingComponent ?? "",
  };
  if (about === "involvedObject") {
    fields.source = (object) => core(object).source?.component || core(object).reportingComponent || "";
  }
  for (const member of ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"]) {
    fields[`${about}.${member}`] = (object) => ((core(object).involvedObject ?? {}) as Reference)[member] ?? "";
  }
  return fields;
}
export const coreEventFields = selectable("involvedObject");
export const eventsEventFields = selectable("regarding");
