// How Go prints the spec of a resource claim in the message about an immutable field: internal names, absent as null.
import type { Json } from "../../base/json.ts";
import type { ExactDeviceRequest, ResourceClaimSpec } from "../_generated/types.ts";

const listOr = <T>(list: readonly T[] | null | undefined, show: (item: T) => Json): Json => (list ? list.map(show) : null);
const asJson = (value: unknown): Json => (value ?? null) as Json;
function demand(request: ExactDeviceRequest): Record<string, Json> {
  return {
    DeviceClassName: request.deviceClassName ?? "",
    Selectors: listOr(request.selectors, ({ cel }) => ({ CEL: cel ? { Expression: cel.expression ?? "" } : null })),
    AllocationMode: request.allocationMode ?? "",
    Count: request.count ?? 0,
  };
}
function extras(request: ExactDeviceRequest): Record<string, Json> {
  return {
    Tolerations: listOr(request.tolerations, (one) => ({
      Key: one.key ?? "",
      Operator: one.operator ?? "",
      Value: one.value ?? "",
      Effect: one.effect ?? "",
      TolerationSeconds: one.tolerationSeconds ?? null,
    })),
    Capacity: request.capacity ? { Requests: asJson(request.capacity.requests) } : null,
  };
}
export function claimSpecValue(spec: ResourceClaimSpec | undefined): Json {
  const devices = spec?.devices ?? {};
  return {
    Devices: {
      Requests: listOr(devices.requests, (request) => ({
        Name: request.name ?? "",
        Exactly: request.exactly ? { ...demand(request.exactly), AdminAccess: request.exactly.adminAccess ?? null, ...extras(request.exactly) } : null,
        FirstAvailable: listOr(request.firstAvailable, (sub) => ({ Name: sub.name ?? "", ...demand(sub), ...extras(sub) })),
      })),
      Constraints: listOr(devices.constraints, (one) => ({
        Requests: asJson(one.requests),
        MatchAttribute: one.matchAttribute ?? null,
        DistinctAttribute: one.distinctAttribute ?? null,
      })),
      Config: listOr(devices.config, (one) => ({
        Requests: asJson(one.requests),
        Opaque: one.opaque ? { Driver: one.opaque.driver ?? "", Parameters: asJson(one.opaque.parameters) } : null,
      })),
    },
  };
}
