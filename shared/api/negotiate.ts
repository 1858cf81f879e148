// Which form and media type an answer takes (Accept), and how a body is written (Content-Type).
// As upstream: apiserver pkg/endpoints/handlers/negotiation and, before it, the router's own check of Accept.
import { ACCEPT_CHARACTERS_MAX, ACCEPTS_REMEMBERED_MAX } from "../base/limits.ts";
import { err, ok, type Result } from "../base/result.ts";
import { failure, notAcceptable, type Status, unsupportedMediaType } from "../errors/status.ts";
import type { MetaVersion } from "./partial.ts";

export type Media = "json" | "yaml";
export interface Negotiated {
  readonly as: "object" | "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList";
  readonly media: Media;
  /** Of meta.k8s.io, in which a Table or metadata-only form is asked for. */
  readonly version?: MetaVersion;
  /** The `pretty=1` parameter of the media type. */
  readonly pretty?: boolean;
}
export interface AcceptOptions {
  /** The path is a collection. */
  readonly list: boolean;
  readonly watch?: boolean;
  /** Custom resources and groups are served without the router that looks at Accept first. */
  readonly custom?: boolean;
}

interface Clause {
  readonly type: string;
  readonly quality: number;
  readonly params: ReadonlyMap<string, string>;
}
/** Clauses by falling quality; equal ones stay in the order of the header. As upstream: goautoneg. */
function clauses(accept: string): Clause[] {
  const found: Clause[] = [];
  for (const part of accept.split(",")) {
    const [head = "", ...rest] = part.split(";");
    const type = head.trim();
    if (type !== "*" && type.split("/").length !== 2) continue;
    const params = new Map<string, string>();
    let quality = 1;
    for (const param of rest) {
      const at = param.indexOf("=");
      if (at < 0) continue;
      const name = param.slice(0, at).trim();
      const value = param.slice(at + 1).trim();
      if (name === "q") quality = Number.isNaN(Number(value)) ? 1 : Number(value);
      else params.set(name, value);
    }
    found.push({ type: type === "*" ? "*/*" : type, quality, params });
  }
  return found.toSorted((a, b) => b.quality - a.quality);
}

const SERVED: readonly { readonly type: string; readonly media: Media }[] = [
  { type: "application/json", media: "json" },
  { type: "application/yaml", media: "yaml" },
];
/** What a real server names in refusals: it writes protobuf, too. */
const NAMED = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const NAMED_STREAMS = ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];
const mediasOf = (type: string): readonly Media[] =>
  SERVED.filter((served) => type === served.type || type === "*/*" || type === "application/*").map((served) => served.media);

const routerRefusal = (types: readonly string[]): Status =>
  failure(406, "NotAcceptable", `406: Not Acceptable\n\nAvailable representations: ${types.join(", ")}`, {});

/** The router compares whole media types, without their parameters. */
const routed = (accept: string, served: readonly string[]): boolean =>
  accept.split(",").some((part) => {
    const type = (part.split(";")[0] ?? "").trim();
    return type === "*/*" || served.includes(type);
  });

const FORMS = ["Table", "PartialObjectMetadata", "PartialObjectMetadataList"] as const;
function formOf(params: Clause["params"]): Pick<Negotiated, "as" | "version"> | undefined {
  const as = params.get("as");
  const group = params.get("g");
  const version = params.get("v");
  if (as === undefined && group === undefined && version === undefined) return { as: "object", version: "v1" };
  const form = FORMS.find((known) => known === as);
  if (form === undefined || group !== "meta.k8s.io" || (version !== "v1" && version !== "v1beta1")) return undefined;
  return { as: form, version };
}

const defaulted = (accept: string | null | undefined): string => (accept === null || accept === undefined || accept === "" ? "*/*" : accept);

/** By header, then by options: clients send few different ones, again and again. */
const remembered = new Map<string, (Result<Negotiated, Status> | undefined)[]>();

/** The form in which a resource, or a collection of them, is to be answered. */
export function acceptedForm(accept: string | null | undefined, options: AcceptOptions): Result<Negotiated, Status> {
  const wanted = defaulted(accept);
  const at = (options.list ? 1 : 0) + (options.watch ? 2 : 0) + (options.custom ? 4 : 0);
  let forms = remembered.get(wanted);
  const known = forms?.[at];
  if (known) return known;
  const form = negotiated(wanted, options);
  if (wanted.length > ACCEPT_CHARACTERS_MAX) return form;
  if (!forms) {
    if (remembered.size >= ACCEPTS_REMEMBERED_MAX) remembered.clear();
    remembered.set(wanted, (forms = []));
  }
  forms[at] = form;
  return form;
}

function negotiated(wanted: string, options: AcceptOptions): Result<Negotiated, Status> {
  if (!options.custom && !routed(wanted, ["application/json", "application/yaml"])) {
    return err(routerRefusal(options.list ? [...NAMED, ...NAMED_STREAMS] : NAMED));
  }
  for (const { type, params } of clauses(wanted)) {
    const stream = params.get("stream") ?? "";
    const form = formOf(params);
    if (form === undefined || (stream !== "" && stream !== "watch")) continue;
    for (const media of mediasOf(type)) {
      if (stream !== "" && media !== "json") continue;
      if (options.watch && media !== "json") return err(notAcceptable(NAMED_STREAMS));
      return ok({ ...form, media, pretty: params.get("pretty") === "1" });
    }
  }
  return err(notAcceptable(NAMED));
}

/** Whether what was asked for fits what is there. `goType`: the answer's internal Go type, as `core.Secret`. */
export function formProblem(form: Negotiated["as"], answer: { readonly list: boolean; readonly goType: string }): Status | undefined {
  const refuse = (what: string): Status => failure(406, "NotAcceptable", `you requested ${form}, but the requested object is ${what} (*${answer.goType})`);
  if (form === "PartialObjectMetadata" && answer.list) return refuse("a list");
  return form === "PartialObjectMetadataList" && !answer.list ? refuse("not a list") : undefined;
}

export const AGGREGATED_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
export interface DiscoveryForm {
  readonly media: Media;
  /** All groups and resources in one document; its media type names the form, too. */
  readonly aggregated: boolean;
  readonly contentType: string;
}
/** For /api and /apis ("roots"), for single groups, and for lists of resources. */
export function acceptedDiscovery(accept: string | null | undefined, path: "api" | "apis" | "group" | "version"): Result<DiscoveryForm, Status> {
  const wanted = defaulted(accept);
  if ((path === "api" || path === "version") && !routed(wanted, ["application/json", "application/yaml"])) return err(routerRefusal(NAMED));
  const roots = path === "api" || path === "apis";
  const found = clauses(wanted).flatMap((clause) => mediasOf(clause.type).map((media) => ({ media, params: clause.params })));
  const isAggregated = ({ params }: { params: Clause["params"] }): boolean =>
    params.get("as") === "APIGroupDiscoveryList" && params.get("g") === "apidiscovery.k8s.io" && params.get("v") === "v2";
  // Whoever names the aggregated form anywhere gets it.
  const aggregated = roots ? found.find(isAggregated) : undefined;
  if (aggregated) {
    const contentType = aggregated.media === "json" ? AGGREGATED_TYPE : AGGREGATED_TYPE.replace("json", "yaml");
    return ok({ media: aggregated.media, aggregated: true, contentType });
  }
  const plain = found.find(({ params }) => !params.has("as") && !params.has("g") && !params.has("v") && ["", "watch"].includes(params.get("stream") ?? ""));
  if (!plain) return err(notAcceptable(NAMED));
  return ok({ media: plain.media, aggregated: false, contentType: plain.media === "json" ? "application/json" : "application/yaml" });
}

/** /version and the like: JSON alone. */
export const acceptsJson = (accept: string | null | undefined): Result<"json", Status> =>
  routed(defaulted(accept), ["application/json"]) ? ok("json") : err(routerRefusal(["application/json"]));

const unknownFormat = (types: readonly string[]): Status =>
  unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${types.join(", ")}`);

export type BodyMedia = Media | "protobuf";
const BODIES: readonly { readonly type: string; readonly media: BodyMedia }[] = [...SERVED, { type: "application/vnd.kubernetes.protobuf", media: "protobuf" }];
/** How the body of a create, update or delete is written; without a Content-Type it is JSON. */
export function bodyType(contentType: string | null | undefined): Result<BodyMedia, Status> {
  if (contentType === null || contentType === undefined || contentType === "") return ok("json");
  const type = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  const served = BODIES.find((candidate) => candidate.type === type);
  return served ? ok(served.media) : err(unknownFormat(BODIES.map((candidate) => candidate.type)));
}

export type PatchType = "json" | "merge" | "strategic" | "apply";
const PATCHES: Readonly<Record<string, PatchType>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
  "application/apply-patch+yaml": "apply",
};
/** What sort of patch a body is. Custom resources take no strategic merge, and are refused in other words. */
export function patchTypeOf(contentType: string | null | undefined, options: { readonly custom?: boolean } = {}): Result<PatchType, Status> {
  const type = ((contentType ?? "").split(";")[0] ?? "").trim();
  const patch = Object.hasOwn(PATCHES, type) ? PATCHES[type] : undefined;
  if (patch !== undefined && !(options.custom && patch === "strategic")) return ok(patch);
  if (!options.custom) return err(failure(415, "UnsupportedMediaType", "415: Unsupported Media Type", {}));
  return err(unknownFormat(Object.keys(PATCHES).filter((name) => PATCHES[name] !== "strategic")));
}

/** Whether JSON is to be indented: the `pretty` parameter decides, else people's own tools get it. */
export function wantsPretty(pretty: string | null | undefined, userAgent: string | null | undefined): boolean {
  if (pretty !== null && pretty !== undefined && pretty !== "") return ["1", "t", "T", "true", "TRUE", "True"].includes(pretty);
  return ["curl", "Wget", "Mozilla/5.0"].some((tool) => userAgent?.startsWith(tool));
}
