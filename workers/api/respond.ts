// Turns answers into HTTP: JSON text or YAML, Table and metadata-only forms, Status errors, Warning headers. The one seam for all.
import { stringify } from "yaml";
import { partialObjectMetadata, publicMetadata, tableOf, type IncludeObject } from "../../shared/api/table.ts";
import type { Status } from "../../shared/errors/status.ts";
import { PLAIN_HEADERS } from "../../durable-objects/client/object-answer.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import type { Negotiated } from "../../shared/api/negotiate.ts";

export interface Answer {
  readonly code: number;
  /** A whole JSON document. */
  readonly text: string;
  readonly warnings?: readonly string[];
}

const JSON_TYPE = "application/json";
/** Characters that end a quoted string in a Warning header or cannot stand in one. */
const quoted = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", " ")}"`;

function headersOf(type: string, warnings: readonly string[] = []): Headers {
  const headers = new Headers({ "content-type": type, "cache-control": "no-cache, private" });
  for (const warning of warnings) headers.append("warning", `299 - ${quoted(warning)}`);
  return headers;
}

/** An answer in the media type that was negotiated. */
export function respond(answer: Answer, media: "json" | "yaml" = "json"): Response {
  if (media === "yaml") {
    return new Response(stringify(JSON.parse(answer.text), { sortMapEntries: true }), {
      status: answer.code,
      headers: headersOf("application/yaml", answer.warnings),
    });
  }
  const headers = answer.warnings && answer.warnings.length > 0 ? headersOf(JSON_TYPE, answer.warnings) : PLAIN_HEADERS;
  return new Response(answer.text, { status: answer.code, headers });
}

export function respondStatus(status: Status, warnings: readonly string[] = []): Response {
  const headers = headersOf(JSON_TYPE, warnings);
  const retry = status.details?.retryAfterSeconds;
  if (retry !== undefined) headers.set("retry-after", String(retry));
  return new Response(JSON.stringify(status), { status: status.code, headers });
}

/** One object as a Table, or its metadata alone. `text` is its whole JSON. */
export function objectInForm(
  kind: AnyKind,
  text: string,
  how: { readonly form: Negotiated; readonly now: number; readonly includeObject: IncludeObject },
): string {
  const whole = JSON.parse(text) as KubeObject;
  const object = how.form.as === "Table" && how.includeObject === "Object" ? whole : publicMetadata(kind, whole);
  if (how.form.as === "Table") {
    return JSON.stringify(
      tableOf(kind, [object], {
        now: how.now,
        includeObject: how.includeObject,
        version: how.form.version,
        resourceVersion: object.metadata?.resourceVersion ?? "",
      }),
    );
  }
  return JSON.stringify(partialObjectMetadata(object, how.form.version));
}
