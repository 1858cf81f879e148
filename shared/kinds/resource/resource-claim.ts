// ResourceClaim of resource.k8s.io/v1. As upstream: pkg/apis/resource/validation/validation.go ValidateResourceClaim.
import { equalJson } from "../../base/json.ts";
import { type FieldError, forbidden, invalid, required } from "../../errors/field-error.ts";
import { isDNS1123Label, nameIsDNSSubdomain } from "../../meta/names.ts";
import type { DeviceRequestAllocationResult, ResourceClaimConsumerReference, ResourceV1ResourceClaim as ResourceClaim } from "../_generated/types.ts";
import { immutable, messages } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { claimSpecValue } from "../_workload/device-claim-value.ts";
import { defaultClaimSpec, requestNames, validateClaimSpec, validateRequestReference, validateSet } from "../_workload/device-claim.ts";
import { validatePoolName } from "../_workload/device-names.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";
import { validateDriverName } from "../storage/csi-driver.ts";

const RESERVED_MAX = 256;
const RESULTS_MAX = 32;

function validateConsumer(consumer: ResourceClaimConsumerReference, field: string): FieldError[] {
  return (["resource", "name", "uid"] as const).flatMap((name) => (consumer[name] ? [] : [required(`${field}.${name}`)]));
}
function validateResult(result: DeviceRequestAllocationResult, names: ReadonlySet<string>, field: string): FieldError[] {
  const device = result.device ?? "";
  return [
    ...validateRequestReference(result.request ?? "", names, `${field}.request`),
    ...validateDriverName(result.driver ?? "", `${field}.driver`),
    ...validatePoolName(result.pool ?? "", `${field}.pool`),
    ...messages(isDNS1123Label(device), `${field}.device`, device),
  ];
}
function validateStatus(next: ResourceClaim, stored: ResourceClaim): FieldError[] {
  const { reservedFor = [], allocation } = next.status ?? {};
  const before = stored.status ?? {};
  const errors = validateSet(reservedFor, RESERVED_MAX, validateConsumer, (consumer) => consumer.uid ?? "", "status.reservedFor");
  if (reservedFor.length > 0 && !allocation) {
    errors.push(forbidden("status.reservedFor", "may not be specified when `allocated` is not set"));
  } else if (next.metadata?.deletionTimestamp !== undefined) {
    const added = reservedFor.some((consumer) => !(before.reservedFor ?? []).some((other) => equalJson(other, consumer)));
    const detail = "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set";
    if (added) errors.push(forbidden("status.reservedFor", detail));
  }
  if (!allocation) return errors;
  if (before.allocation) {
    return equalJson(allocation, before.allocation)
      ? errors
      : [...errors, invalid("status.allocation", JSON.parse(JSON.stringify(allocation)), "field is immutable")];
  }
  const names = requestNames(next.spec?.devices ?? {});
  const check = (result: DeviceRequestAllocationResult, field: string): FieldError[] => validateResult(result, names, field);
  const identity = (result: DeviceRequestAllocationResult): string => JSON.stringify(result);
  return [...errors, ...validateSet(allocation.devices?.results ?? [], RESULTS_MAX, check, identity, "status.allocation.devices.results")];
}
function stateCell({ metadata, status = {} }: ResourceClaim): string {
  const deleted = metadata?.deletionTimestamp !== undefined;
  const states = deleted ? ["deleted"] : [];
  if (!status.allocation) return [...states, ...(deleted ? [] : ["pending"])].join(",");
  return [...states, "allocated", ...(status.reservedFor?.length ? ["reserved"] : [])].join(",");
}

export const resourceClaimKind = defineKind<ResourceClaim>("resource.k8s.io/v1/resourceclaims", {
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    defaultClaimSpec((object.spec ??= {}));
  },
  prepareForCreate(object) {
    object.status = {};
  },
  validate: (object) => validateClaimSpec(object.spec ?? {}, "spec"),
  update: { validate: (next, stored) => immutable(next.spec, stored.spec, "spec", claimSpecValue(next.spec)) },
  subresources: { status: statusStrategy(validateStatus) },
  deleteReturnsObject: true,
  table: {
    columns: [NAME, text("State"), AGE],
    row: (object, now) => [nameCell(object), stateCell(object), ageCell(object, now)],
  },
});
