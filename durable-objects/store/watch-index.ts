// Which audiences may see anything of an event. Most watches want one value of a field (a kubelet its node, an informer its
// namespace): those are found by that value, so that an event costs what it is worth, and not what all others ask for.
// As upstream: triggers of apiserver storage/cacher/cacher.go.
import { parseFieldSelector } from "../../shared/meta/fields.ts";
import type { Audience } from "./watch-audience.ts";
import type { SeenEvent, WatchForm } from "./watch-frames.ts";

interface Pin {
  readonly field: string;
  readonly value: string;
}
/** A value that every object of a selection has; undefined: none that is known without looking at labels. */
function pinOf(form: WatchForm): Pin | undefined {
  const parsed = form.fieldSelector ? parseFieldSelector(form.fieldSelector) : undefined;
  const equal = parsed?.ok ? parsed.value.filter(({ operator }) => operator === "=") : [];
  const pin = equal.find(({ field }) => field === "metadata.name") ?? equal[0];
  return pin ?? (form.namespace ? { field: "metadata.namespace", value: form.namespace } : undefined);
}

/** Audiences pinned to one field of one version of the resource, by its value. */
type ByValue = Map<string, Set<Audience>>;

export class AudienceIndex {
  readonly #everywhere = new Set<Audience>();
  readonly #pinned = new Map<Audience["kind"], Map<string, ByValue>>();

  add(audience: Audience): void {
    this.#setFor(audience).add(audience);
  }
  delete(audience: Audience): void {
    const set = this.#setFor(audience);
    set.delete(audience);
    const pin = pinOf(audience.request);
    if (pin && set.size === 0) this.#pinned.get(audience.kind)?.get(pin.field)?.delete(pin.value);
  }
  #setFor(audience: Audience): Set<Audience> {
    const pin = pinOf(audience.request);
    if (!pin) return this.#everywhere;
    const fields = entry(this.#pinned, audience.kind, () => new Map<string, ByValue>());
    return entry(
      entry(fields, pin.field, () => new Map()),
      pin.value,
      () => new Set(),
    );
  }

  /** Everybody whom the event may concern, each once. */
  *concerned(seen: SeenEvent): Iterable<Audience> {
    yield* this.#everywhere;
    for (const [kind, fields] of this.#pinned) {
      for (const [field, byValue] of fields) {
        if (byValue.size === 0) continue;
        const { before, after } = valuesOf(seen, kind, field);
        yield* byValue.get(after) ?? [];
        if (before !== undefined && before !== after) yield* byValue.get(before) ?? [];
      }
    }
  }
}

function valuesOf(seen: SeenEvent, kind: Audience["kind"], field: string): { readonly before: string | undefined; readonly after: string } {
  if (field === "metadata.name") return { before: undefined, after: seen.event.name };
  if (field === "metadata.namespace") return { before: undefined, after: seen.event.namespace };
  const { before, after } = seen.selectable(kind);
  return { before: before && (before.fields[field] ?? ""), after: after.fields[field] ?? "" };
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
