// Endpoints and EndpointSlice against the recorded answers of a real server.
import { describe, expect, it } from "vitest";
import { endpointsKind } from "../../../shared/kinds/core/endpoints.ts";
import { endpointSliceKind } from "../../../shared/kinds/discovery/endpoint-slice.ts";
import { testContext } from "../../support/facts.ts";
import { describeKind } from "./fact-suite.ts";

describeKind(endpointsKind, { bases: ["endpoints", "endpoints-min"] });
describeKind(endpointSliceKind, { bases: ["endpointslice", "endpointslice-full"] });

describe("EndpointSlice", () => {
  it("refuses addresses of the other family and special ones, in the words of a real server", () => {
    const addresses = ["fd00::1", "127.0.0.1", "0.0.0.0", "169.254.1.1", "224.0.0.1", "01.2.3.4", "10.1.2.3"];
    const errors = endpointSliceKind.validate({ addressType: "IPv4", endpoints: [{ addresses }] }, testContext);
    expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address',
      'endpoints[0].addresses[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'endpoints[0].addresses[2]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
      'endpoints[0].addresses[3]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'endpoints[0].addresses[4]: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      'endpoints[0].addresses[5]: Invalid value: "01.2.3.4": must not have leading 0s',
    ]);
  });
  it("counts generations", () => {
    const stored = { metadata: { name: "a", generation: 1 }, addressType: "IPv4", endpoints: [] };
    const next = { metadata: { name: "a" }, addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"] }] };
    endpointSliceKind.update.prepare(next, stored, testContext);
    expect(next.metadata).toEqual({ name: "a", generation: 2 });
  });
});
