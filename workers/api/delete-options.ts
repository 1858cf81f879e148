// DeleteOptions from the body or, only where there is none, from the query (facts: surprise 1).
import { err, ok, type Result } from "../../shared/base/result.ts";
import { invalid, notSupported, type FieldError } from "../../shared/errors/field-error.ts";
import { badRequest, invalidStatus, type Status } from "../../shared/errors/status.ts";
import { queryBoolean } from "../../shared/api/request-info.ts";
import { decodeAs } from "./body.ts";
import type { DeleteOptions as StoreDeleteOptions } from "../../shared/verbs/write-request.ts";
import type { DeleteOptions } from "../../shared/kinds/_generated/types.ts";
import { dryRunErrors } from "./write-options.ts";

export type Deletion = StoreDeleteOptions & { readonly dryRun: boolean };
const PROPAGATIONS: readonly string[] = ["Foreground", "Background", "Orphan"];

function fromQuery(query: URLSearchParams): Result<DeleteOptions, Status> {
  const options: DeleteOptions = {};
  const dryRun = query.getAll("dryRun").filter((value) => value !== "");
  if (dryRun.length > 0) options.dryRun = dryRun;
  const grace = query.get("gracePeriodSeconds");
  if (grace) {
    if (!/^-?\d+$/.test(grace)) return err(badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`));
    options.gracePeriodSeconds = Number(grace);
  }
  const propagation = query.get("propagationPolicy");
  if (propagation) options.propagationPolicy = propagation;
  const orphan = query.get("orphanDependents");
  if (orphan !== null) options.orphanDependents = queryBoolean(orphan);
  return ok(options);
}

/** Texts and order as apimachinery pkg/apis/meta/v1/validation ValidateDeleteOptions. */
function problems(options: DeleteOptions): FieldError[] {
  const errors: FieldError[] = [];
  const policy = options.propagationPolicy;
  if (policy !== undefined && options.orphanDependents !== undefined) {
    errors.push(invalid("propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set"));
  }
  if (policy !== undefined && !PROPAGATIONS.includes(policy)) errors.push(notSupported("propagationPolicy", policy, [...PROPAGATIONS, "nil"]));
  errors.push(...dryRunErrors(options.dryRun ?? []));
  if (options.gracePeriodSeconds !== undefined && options.gracePeriodSeconds < 0) {
    // Negative grace means 1 second (upstream rest.BeforeDelete); it is no error.
    options.gracePeriodSeconds = 1;
  }
  return errors;
}

export function deleteOptions(query: URLSearchParams, body: Uint8Array, request: Request): Result<Deletion, Status> {
  let options: DeleteOptions;
  if (body.length > 0) {
    const decoded = decodeAs(
      body,
      request.headers.get("content-type"),
      { group: "meta.k8s.io", version: "v1", kind: "DeleteOptions", schema: "meta.v1.DeleteOptions" },
      "Ignore",
    );
    if (!decoded.ok) return decoded;
    options = decoded.value.object as DeleteOptions;
  } else {
    const read = fromQuery(query);
    if (!read.ok) return read;
    options = read.value;
  }
  const errors = problems(options);
  if (errors.length > 0) return err(invalidStatus({ group: "meta.k8s.io", resource: "DeleteOptions" }, "", errors));
  const { preconditions } = options;
  return ok({
    dryRun: (options.dryRun ?? []).length > 0,
    ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(options.propagationPolicy === undefined ? {} : { propagationPolicy: options.propagationPolicy as "Background" | "Foreground" | "Orphan" }),
    ...(options.orphanDependents === undefined ? {} : { orphanDependents: options.orphanDependents }),
    ...(preconditions?.uid === undefined ? {} : { uid: preconditions.uid }),
    ...(preconditions?.resourceVersion === undefined ? {} : { resourceVersion: preconditions.resourceVersion }),
  });
}
