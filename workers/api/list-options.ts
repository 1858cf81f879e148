// The query parameters of lists, watches and deletions, checked as upstream checks ListOptions and DeleteOptions.
import { badRequest, failure, type Status } from "../../shared/errors/status.ts";

export interface ListParameters {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}

export function listOptions(query: URLSearchParams): ListParameters {
  const text = (key: string): string | undefined => query.get(key) || undefined;
  const limit = Number(query.get("limit") ?? "0");
  return {
    ...(text("labelSelector") === undefined ? {} : { labelSelector: text("labelSelector") ?? "" }),
    ...(text("fieldSelector") === undefined ? {} : { fieldSelector: text("fieldSelector") ?? "" }),
    ...(limit > 0 ? { limit } : {}),
    ...(text("continue") === undefined ? {} : { continue: text("continue") ?? "" }),
    ...(text("resourceVersion") === undefined ? {} : { resourceVersion: text("resourceVersion") ?? "" }),
    ...(text("resourceVersionMatch") === undefined ? {} : { resourceVersionMatch: text("resourceVersionMatch") ?? "" }),
  };
}

/** What is wrong with a resourceVersion parameter; lists answer 400, watches 500 (facts: surprise 5). */
export function versionProblem(options: ListParameters, verb: "list" | "watch"): Status | undefined {
  const version = options.resourceVersion;
  if (version !== undefined && !/^\d+$/.test(version)) {
    const message = `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(version)}: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`;
    return verb === "list" ? badRequest(message) : failure(500, undefined, message);
  }
  return undefined;
}
