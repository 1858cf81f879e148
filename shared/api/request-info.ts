// What a URL asks for, as upstream's RequestInfo (apiserver pkg/endpoints/request/requestinfo.go): resource or plain path.

export type ApiVerb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";
export interface ResourceRequest {
  readonly isResource: true;
  readonly verb: ApiVerb;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  /** What follows the subresource: the path behind `proxy/`. */
  readonly rest: string;
}
export interface PathRequest {
  readonly isResource: false;
  /** `/api`, `/apis/apps`, `/healthz` ... without a trailing slash. */
  readonly path: string;
}
export type RequestInfo = ResourceRequest | PathRequest;

const NAMESPACE_SUBRESOURCES = new Set(["status", "finalize"]);

function verbOf(method: string, named: boolean, watching: boolean): ApiVerb | undefined {
  switch (method) {
    case "GET":
      return watching ? "watch" : named ? "get" : "list";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return named ? "delete" : "deletecollection";
    default:
      return undefined;
  }
}

/** Query booleans: anything but `0`, `false` and nothing is true (facts: surprise 2). */
export const queryBoolean = (value: string | null): boolean => value !== null && value !== "" && value !== "0" && value !== "false";

/** `path` is percent-encoded and starts with a slash. Undefined: the method means nothing here. */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo | undefined {
  const parts = decode(path)
    .split("/")
    .filter((part) => part !== "");
  const legacy = parts[0] === "api";
  // What stands before the resource: `api/VERSION` or `apis/GROUP/VERSION`.
  const head = legacy ? 2 : 3;
  if ((!legacy && parts[0] !== "apis") || parts.length <= head) return { isResource: false, path: `/${parts.join("/")}` };
  const group = legacy ? "" : (parts[1] ?? "");
  const version = parts[head - 1] ?? "";
  const rest = parts.slice(head);
  let prefixWatch = false;
  if (rest[0] === "watch" && rest.length > 1) {
    prefixWatch = true;
    rest.shift();
  }
  const place = placeOf(rest);
  const named = place.name !== "";
  // `watch` beside a name is not heard: the object is answered.
  const verb = verbOf(method, named, prefixWatch || (!named && queryBoolean(query.get("watch"))));
  if (!verb) return undefined;
  return { isResource: true, verb, group, version, ...place };
}

/** Decoded before it is split, as Go's URL.Path: an encoded slash divides, too. */
function decode(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Splits what follows the version. */
function placeOf(rest: readonly string[]): Pick<ResourceRequest, "namespace" | "resource" | "name" | "subresource" | "rest"> {
  const [first, second, third] = rest;
  const inNamespace = first === "namespaces" && second !== undefined && third !== undefined && !(rest.length === 3 && NAMESPACE_SUBRESOURCES.has(third));
  const at = inNamespace ? 2 : 0;
  return {
    namespace: inNamespace ? second : "",
    resource: rest[at] ?? "",
    name: rest[at + 1] ?? "",
    subresource: rest[at + 2] ?? "",
    rest: rest.length > at + 3 ? rest.slice(at + 3).join("/") : "",
  };
}
