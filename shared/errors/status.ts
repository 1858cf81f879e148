// metav1.Status as a value: what went wrong, in the words and codes clients know.
// Codes, reasons and messages: k8s.io/apimachinery pkg/api/errors/errors.go, checked against the recorded answers.
import type { FieldError } from "./field-error.ts";

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}
export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: Record<string, string>;
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}
/** Which resource a failure speaks of: messages name it `plural.group "name"`. */
export interface ResourceRef {
  readonly group: string;
  /** Plural resource name (or Kind, for Invalid). */
  readonly resource: string;
}

export function failure(code: number, reason: string | undefined, message: string, details?: StatusDetails): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

export const qualified = (ref: ResourceRef): string => (ref.group === "" ? ref.resource : `${ref.resource}.${ref.group}`);
const about = (ref: ResourceRef, name: string): StatusDetails => ({
  ...(name === "" ? {} : { name }),
  ...(ref.group === "" ? {} : { group: ref.group }),
  kind: ref.resource,
});

export const notFoundStatus = (ref: ResourceRef, name: string): Status => failure(404, "NotFound", `${qualified(ref)} "${name}" not found`, about(ref, name));
export const alreadyExists = (ref: ResourceRef, name: string): Status =>
  failure(409, "AlreadyExists", `${qualified(ref)} "${name}" already exists`, about(ref, name));
export const conflict = (ref: ResourceRef, name: string, message: string): Status =>
  failure(409, "Conflict", `Operation cannot be fulfilled on ${qualified(ref)} "${name}": ${message}`, about(ref, name));
export const CONFLICT_MODIFIED = "the object has been modified; please apply your changes to the latest version and try again";
export const badRequest = (message: string): Status => failure(400, "BadRequest", message);
export const forbiddenStatus = (ref: ResourceRef, name: string, message: string): Status =>
  failure(403, "Forbidden", `${qualified(ref)} "${name}" is forbidden: ${message}`, about(ref, name));
export const unauthorized = (): Status => failure(401, "Unauthorized", "Unauthorized");
export const methodNotSupported = (ref: ResourceRef, action: string): Status =>
  failure(405, "MethodNotAllowed", `${action} is not supported on resources of kind "${qualified(ref)}"`, about(ref, ""));
export const methodNotAllowed = (): Status => failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
export const noSuchResource = (): Status => failure(404, "NotFound", "the server could not find the requested resource", {});
export const expired = (message: string): Status => failure(410, "Expired", message);
export const internalError = (message: string): Status => failure(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
export const notImplemented = (what: string): Status => failure(501, "NotImplemented", `${what} is not supported by this server yet`);
export const tooLarge = (message: string): Status => failure(413, "RequestEntityTooLarge", message);
export const unsupportedMediaType = (message: string): Status => failure(415, "UnsupportedMediaType", message);
export const notAcceptable = (accepted: readonly string[]): Status =>
  failure(406, "NotAcceptable", `only the following media types are accepted: ${accepted.join(", ")}`);

/** 422 from collected field errors; the list in the message names equal texts once, the causes name all. */
export function invalidStatus(kind: ResourceRef, name: string, errors: readonly FieldError[]): Status {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  const list = texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
  return failure(422, "Invalid", `${qualified(kind)} "${name}" is invalid: ${list}`, {
    ...about(kind, name),
    causes: errors.map((error) => ({ reason: error.type, message: error.message, field: error.field })),
  });
}
