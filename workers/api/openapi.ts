// OpenAPI documents: made at build time, served as static assets, never held in the Worker's memory.
// As upstream: kube-openapi pkg/handler3/handler.go (hashes, redirects, caching) and pkg/handler/handler.go (version 2).
import type { ApiContext } from "./context.ts";

interface Assets {
  fetch(request: Request): Promise<Response>;
}
interface Index {
  readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>>;
}
const V3 = "/openapi/v3/";
/** Upstream writes the index without naming its type. */
const INDEX_TYPE = "text/plain; charset=utf-8";
const YEAR_MS = 365 * 24 * 3600 * 1000;

const PROTOBUF_V2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
/** What clients call it; the answer names it without the `@`, which is no character of a media type. */
const PROTOBUF_V2_NAMES: readonly string[] = [PROTOBUF_V2, PROTOBUF_V2.replace("v2.v1.0", "v2@v1.0")];

const accepted = (request: Request): string[] =>
  (request.headers.get("accept") ?? "").split(",").map((range) => range.split(";", 1)[0]?.trim().toLowerCase() ?? "");
const isJson = (range: string): boolean => range === "application/json" || range === "application/*" || range === "*/*";
/** Version 3 is not made as protobuf: clients that take nothing else are told so, and go without. */
const acceptsJson = (request: Request): boolean => {
  const ranges = accepted(request);
  return ranges.every((range) => range === "") || ranges.some(isJson);
};
const prefersProtobuf = (request: Request): boolean => {
  const first = accepted(request).find((range) => isJson(range) || PROTOBUF_V2_NAMES.includes(range));
  return first !== undefined && !isJson(first);
};
const plain = (status: number): Response => new Response(null, { status });

/** Undefined: there is no such document. */
export async function openApi(context: ApiContext, path: string): Promise<Response | undefined> {
  const assets = context.env.ASSETS as Assets | undefined;
  if (!assets) return undefined;
  const read = (file: string): Promise<Response> => assets.fetch(new Request(`https://assets/openapi/${file}`, { headers: { "accept-encoding": "identity" } }));
  if (path === "/openapi/v2") {
    if (prefersProtobuf(context.request)) return document(context, await read("v2.pb"), { type: PROTOBUF_V2 });
    return acceptsJson(context.request) ? document(context, await read("v2.json")) : plain(406);
  }
  if (path === "/openapi/v3" || path === V3) return document(context, await read("v3/index.json"), { type: INDEX_TYPE });
  if (!path.startsWith(V3)) return undefined;
  const name = path.slice(V3.length);
  const { paths } = await (await read("v3/index.json")).json<Index>();
  const hash = Object.hasOwn(paths, name) ? /hash=(\w+)/.exec(paths[name]?.serverRelativeURL ?? "")?.[1] : undefined;
  if (hash === undefined) return plain(404);
  if (!acceptsJson(context.request)) return plain(406);
  const wanted = context.url.searchParams.get("hash");
  // The client's own path: its server's URL may have a prefix.
  if (wanted && wanted !== hash) return new Response(null, { status: 301, headers: { location: `${context.url.pathname}?hash=${hash}` } });
  const answer = document(context, await read(`v3/${name}.json`), { hash });
  if (wanted) {
    answer.headers.set("cache-control", "public, immutable");
    answer.headers.set("expires", new Date(context.bricks.ports.now() + YEAR_MS).toUTCString());
  }
  return answer;
}

function document({ request }: ApiContext, asset: Response, how: { readonly hash?: string; readonly type?: string } = {}): Response {
  const { hash, type = "application/json" } = how;
  const etag = hash === undefined ? (asset.headers.get("etag") ?? "") : `"${hash}"`;
  const headers = new Headers({ "content-type": type, etag, vary: "Accept" });
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  return new Response(asset.body, { headers });
}
