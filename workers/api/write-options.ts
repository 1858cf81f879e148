// CreateOptions, UpdateOptions and PatchOptions from the query, checked as upstream (apimachinery pkg/apis/meta/v1/validation).
import { err, ok, type Result } from "../../shared/base/result.ts";
import { forbidden, invalid, notSupported, required, tooLong, type FieldError } from "../../shared/errors/field-error.ts";
import { invalidStatus, type Status } from "../../shared/errors/status.ts";
import { queryBoolean } from "../../shared/api/request-info.ts";
import type { FieldValidation, PatchType, WriteOptions } from "../../shared/verbs/write-request.ts";

const MANAGER_BYTES_MAX = 128;
const VALIDATIONS: readonly string[] = ["", "Ignore", "Strict", "Warn"];

/** The manager of a client that names none: what stands before the slash of its user agent (apiserver handlers/create.go). */
export function managerOf(query: URLSearchParams, request: Request): string {
  const named = query.get("fieldManager");
  if (named) return named;
  const [agent = ""] = (request.headers.get("user-agent") ?? "").split("/");
  return agent.slice(0, MANAGER_BYTES_MAX) || "unknown";
}

export function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.some((value) => value !== "All") ? [notSupported("dryRun", [...values], ["All"])] : [];
}

function managerErrors(manager: string | null): FieldError[] {
  if (!manager) return [];
  const errors: FieldError[] = [];
  if (new TextEncoder().encode(manager).length > MANAGER_BYTES_MAX) errors.push(tooLong("fieldManager", MANAGER_BYTES_MAX));
  const at = [...manager].findIndex((character) => /[\p{C}\p{Zl}\p{Zp}]/u.test(character) || (/\p{Zs}/u.test(character) && character !== " "));
  if (at >= 0) {
    const code = ([...manager][at]?.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    errors.push(invalid("fieldManager", manager, `invalid character U+${code} (at position ${at})`));
  }
  return errors;
}

/** What the type of a patch asks of its parameters. */
function patchErrors(query: URLSearchParams, patchType: PatchType | undefined): FieldError[] {
  if (patchType === "apply") return query.get("fieldManager") ? [] : [required("fieldManager", "is required for apply patch")];
  return patchType !== undefined && query.has("force") ? [forbidden("force", "may not be specified for non-apply patch")] : [];
}

export function writeOptions(
  query: URLSearchParams,
  request: Request,
  kind: "CreateOptions" | "UpdateOptions" | "PatchOptions",
  patchType?: PatchType,
): Result<WriteOptions, Status> {
  const dryRun = query.getAll("dryRun");
  const validation = query.get("fieldValidation") ?? "";
  const errors = [...patchErrors(query, patchType), ...dryRunErrors(dryRun), ...managerErrors(query.get("fieldManager"))];
  if (!VALIDATIONS.includes(validation)) errors.push(notSupported("fieldValidation", validation, VALIDATIONS));
  if (errors.length > 0) return err(invalidStatus({ group: "meta.k8s.io", resource: kind }, "", errors));
  return ok({
    dryRun: dryRun.length > 0,
    fieldManager: managerOf(query, request),
    ...(validation === "" ? {} : { fieldValidation: validation as FieldValidation }),
    ...(queryBoolean(query.get("force")) ? { force: true } : {}),
  });
}
