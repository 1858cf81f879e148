// The query parameters of lists and watches, checked as upstream checks ListOptions
// (apimachinery pkg/apis/meta/internalversion/validation and apiserver storage/interfaces.go).
import { err, ok, type Result } from "../base/result.ts";
import { forbidden, notSupported, type FieldError } from "../errors/field-error.ts";
import { badRequest, failure, invalidStatus, type Status } from "../errors/status.ts";
import { queryBoolean } from "./request-info.ts";

export interface ListParameters {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly timeoutSeconds?: number;
  readonly sendInitialEvents?: boolean;
  readonly allowWatchBookmarks?: boolean;
}

const syntax = (text: string): string => `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`;

function integer(query: URLSearchParams, key: string): Result<number | undefined, Status> {
  const text = query.get(key);
  if (text === null || text === "") return ok(undefined);
  return /^[+-]?\d{1,18}$/.test(text) ? ok(Number(text)) : err(badRequest(syntax(text)));
}

/** The rules between the parameters. */
function problems(query: URLSearchParams, watch: boolean): FieldError[] {
  const initial = query.has("sendInitialEvents");
  const match = query.get("resourceVersionMatch") ?? "";
  const version = query.get("resourceVersion") ?? "";
  const field = "resourceVersionMatch";
  if (watch) {
    if (!initial) return match === "" ? [] : [forbidden(field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")];
    if (match === "NotOlderThan") return [];
    const wrong = forbidden(field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
    return match === "" ? [wrong] : [wrong, notSupported(field, match, ["NotOlderThan"])];
  }
  const errors: FieldError[] = initial ? [forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")] : [];
  if (match === "") return errors;
  if (version === "") errors.push(forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
  if (query.get("continue")) errors.push(forbidden(field, "resourceVersionMatch is forbidden when continue is provided"));
  if (match !== "Exact" && match !== "NotOlderThan") errors.push(notSupported(field, match, ["Exact", "NotOlderThan", ""]));
  if (match === "Exact" && version === "0") errors.push(forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  return errors;
}

/** A resourceVersion that is no number: lists answer 400, watches 500 (facts: surprise 5). */
export function versionProblem(version: string, watch: boolean): Status | undefined {
  if (version === "" || /^\d{1,18}$/.test(version)) return undefined;
  const text = `resourceVersion: Invalid value: ${JSON.stringify(version)}: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`;
  return watch ? failure(500, undefined, text) : badRequest(`invalid resource version: ${text}`);
}

export function listParameters(query: URLSearchParams, how: { readonly watch: boolean }): Result<ListParameters, Status> {
  const limit = integer(query, "limit");
  if (!limit.ok) return limit;
  const timeout = integer(query, "timeoutSeconds");
  if (!timeout.ok) return timeout;
  const errors = problems(query, how.watch);
  if (errors.length > 0) return err(invalidStatus({ group: "meta.k8s.io", resource: "ListOptions" }, "", errors));
  const text = (key: string): string => query.get(key) ?? "";
  const version = text("resourceVersion");
  const wrong = versionProblem(version, how.watch);
  if (wrong) return err(wrong);
  const next = text("continue");
  if (next !== "" && version !== "" && version !== "0" && !how.watch) return err(badRequest("specifying resource version is not allowed when using continue"));
  const initial = query.get("sendInitialEvents");
  const parameters = {
    labelSelector: text("labelSelector") || undefined,
    fieldSelector: text("fieldSelector") || undefined,
    limit: limit.value !== undefined && limit.value > 0 ? limit.value : undefined,
    continue: next || undefined,
    resourceVersion: version || undefined,
    resourceVersionMatch: text("resourceVersionMatch") || undefined,
    timeoutSeconds: timeout.value,
    sendInitialEvents: initial === null ? undefined : queryBoolean(initial),
    allowWatchBookmarks: queryBoolean(query.get("allowWatchBookmarks")) || undefined,
  };
  return ok(Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined)) as ListParameters);
}
