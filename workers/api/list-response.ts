// A list as HTTP: the store's text or stream between a head and a tail; Tables and metadata-only lists are made here.
import { partialObjectMetadata, publicMetadata, tableOf, type IncludeObject } from "../../shared/api/table.ts";
import type { Negotiated } from "../../shared/api/negotiate.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import type { ListAnswer } from "../../durable-objects/env.ts";
import type { ResourceContext } from "./context.ts";
import { respond } from "./respond.ts";

type Listed = Extract<ListAnswer, { ok: true }>;
const apiVersionOf = (kind: AnyKind): string => (kind.group === "" ? kind.version : `${kind.group}/${kind.version}`);

export async function listResponse(
  context: ResourceContext,
  how: { readonly form: Negotiated; readonly answer: Listed; readonly includeObject: IncludeObject; readonly warnings?: readonly string[] },
): Promise<Response> {
  const { kind } = context;
  const { form, answer, warnings = [] } = how;
  const head = `{"kind":"${kind.kind}List","apiVersion":"${apiVersionOf(kind)}","metadata":${answer.head},"items":[`;
  if (form.as === "object" && form.media === "json" && "stream" in answer) return streamed(head, answer.stream);
  const items = "stream" in answer ? await new Response(answer.stream).text() : answer.text;
  if (form.as === "object") return respond({ code: 200, text: `${head}${items}]}`, warnings }, form.media);
  const metadata = JSON.parse(answer.head) as Record<string, unknown>;
  const objects = JSON.parse(`[${items}]`) as KubeObject[];
  return respond({ code: 200, text: JSON.stringify(assembled(kind, objects, { ...how, metadata, now: context.bricks.ports.now() })), warnings }, form.media);
}

function assembled(
  kind: AnyKind,
  items: readonly KubeObject[],
  how: { readonly form: Negotiated; readonly includeObject: IncludeObject; readonly metadata: Record<string, unknown>; readonly now: number },
): unknown {
  const { form, includeObject } = how;
  const whole = items.map((object) => ({ kind: kind.kind, apiVersion: apiVersionOf(kind), ...object }));
  const objects = form.as === "Table" && includeObject === "Object" ? whole : whole.map((object) => publicMetadata(kind, object));
  if (form.as === "Table") {
    if (kind.table.order) objects.sort((a, b) => kind.table.order?.(a, b) ?? 0);
    const table = tableOf(kind, objects, { now: how.now, includeObject, version: form.version, resourceVersion: String(how.metadata.resourceVersion) });
    return { ...table, metadata: how.metadata };
  }
  return {
    kind: "PartialObjectMetadataList",
    apiVersion: `meta.k8s.io/${form.version}`,
    metadata: how.metadata,
    items: objects.map((object) => partialObjectMetadata(object, form.version)),
  };
}

function streamed(head: string, items: ReadableStream<Uint8Array>): Response {
  const { readable, writable } = new IdentityTransformStream();
  const encoder = new TextEncoder();
  const pump = async (): Promise<void> => {
    const writer = writable.getWriter();
    await writer.write(encoder.encode(head));
    writer.releaseLock();
    await items.pipeTo(writable, { preventClose: true });
    const end = writable.getWriter();
    await end.write(encoder.encode("]}"));
    await end.close();
  };
  pump().catch((error) => writable.abort(error).catch(() => {}));
  return new Response(readable, { headers: { "content-type": "application/json", "cache-control": "no-cache, private" } });
}
