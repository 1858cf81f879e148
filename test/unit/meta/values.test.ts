// Quantities, addresses, times and their texts, against recorded answers and the rules of Go's libraries.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bigIntToIP, canonicalIP, cidrContains, ipFamily, isValidIP, parseCIDR, parseIP, validateCIDR, validateIP } from "../../../shared/meta/ip.ts";
import { scaledValue } from "../../../shared/meta/intstr.ts";
import {
  addQuantity,
  canonicalQuantity,
  compareQuantity,
  formatQuantity,
  milliValue,
  parseQuantity,
  quantityProblem,
  quantityValue,
  subQuantity,
} from "../../../shared/meta/quantity.ts";
import { age, humanDuration, parseTime, rfc3339, rfc3339Micro } from "../../../shared/meta/time.ts";

describe("quantities", () => {
  it.each([
    ["1000m", "1"],
    ["1500m", "1500m"],
    ["0.5", "500m"],
    ["1.500", "1.500"],
    ["0100m", "0100m"],
    ["1024Ki", "1Mi"],
    ["1001Ki", "1001Ki"],
    ["1536Mi", "1536Mi"],
    ["1.5Gi", "1536Mi"],
    ["0.001Ki", "1024m"],
    ["1e3", "1e3"],
    ["1000e3", "1e6"],
    ["1E3", "1E3"],
    ["12e2", "1200"],
    ["-5", "-5"],
    ["+5", "+5"],
    ["0", "0"],
    ["-0", "0"],
    ["0Gi", "0"],
    ["0.0001m", "100n"],
    ["0.1n", "1n"],
    ["1000000", "1M"],
    ["123456789012345678901", "123456789012345678901"],
    ["100Ei", "9223372036854775807"],
    [0.1, "100m"],
    [2, "2"],
    [1e21, "1e+21"],
    [".5", "500m"],
  ])("prints %s as %s", (text, want) => expect(canonicalQuantity(text)).toBe(want));

  it.each(["", "a", "1.5.5", "1 Gi", "--1", "1e", "1Zi", "1ki", "1.2.3Mi", "٣"])("refuses %j", (text) => {
    expect(parseQuantity(text)).toBeUndefined();
    expect(quantityProblem(text)).toMatch(/^quantities must match|^unable to parse quantity's suffix$/);
  });
  it("rounds up whole and milli values, away from zero", () => {
    expect([quantityValue("1100m"), quantityValue("-1100m"), milliValue("1n"), milliValue("2"), quantityValue("1Ki")]).toEqual([2n, -2n, 1n, 2000n, 1024n]);
  });
  it("stays bounded for absurd exponents", () => {
    expect(quantityValue("1e999999999")).toBe(2n ** 63n - 1n);
    expect(formatQuantity("1e-999999999")).toBe("1e-9");
  });
  const amounts = fc
    .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom("", "m", "u", "k", "M", "Ki", "Mi", "Gi", "e3"))
    .map(([n, unit]) => `${n}${unit}`);
  it("printing and reading back keeps the value, and twice is as once", () => {
    fc.assert(
      fc.property(amounts, (text) => {
        const printed = canonicalQuantity(text) ?? "";
        expect(compareQuantity(text, printed)).toBe(0);
        expect(canonicalQuantity(printed)).toBe(printed);
      }),
    );
  });
  it("sums and differences undo each other", () => {
    fc.assert(
      fc.property(amounts, amounts, (a, b) => {
        expect(compareQuantity(subQuantity(addQuantity(a, b), b), a)).toBe(0);
      }),
    );
  });
  it("a sum has the format of its first part", () => {
    expect(formatQuantity(addQuantity("1Gi", "1Gi"))).toBe("2Gi");
    expect(formatQuantity(addQuantity("0", "1Gi"))).toBe("1Gi");
    expect(formatQuantity(addQuantity("500m", "1"))).toBe("1500m");
  });
});

describe("addresses", () => {
  it.each([
    ["10.0.0.1", "10.0.0.1"],
    ["2001:DB8::0:1", "2001:db8::1"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
  ])("%s is %s", (text, want) => expect(canonicalIP(text)).toBe(want));
  it.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "256.1.1.1",
    "1.2.3.4 ",
    ":::",
    "1::2::3",
    "12345::",
    "g::",
    "1:2:3:4:5:6:7:8:9",
    "fe80::1%eth0",
    ":1",
    "1:",
    "1.2.3.4::",
  ])("%j is no address", (text) => expect(isValidIP(text)).toBe(false));
  it("prints what it reads", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).filter((value) => value >> 32n !== 0xffffn),
        (value) => {
          expect(parseIP(bigIntToIP(value, 6))).toMatchObject({ value, family: 6 });
        },
      ),
    );
  });
  it("knows networks", () => {
    expect(parseCIDR("10.1.2.3/8")).toEqual({ ip: "10.1.2.3", prefix: 8, family: 4, canonical: "10.0.0.0/8" });
    expect(cidrContains("10.0.0.0/8", "10.255.0.1")).toBe(true);
    expect(cidrContains("10.0.0.0/8", "11.0.0.1")).toBe(false);
    expect(cidrContains("fd00::/64", "fd00::1")).toBe(true);
    expect(cidrContains("0.0.0.0/0", "fd00::1")).toBe(false);
    expect([parseCIDR("10.0.0.0/33"), parseCIDR("10.0.0.0"), parseCIDR("10.0.0.0/-1"), ipFamily("x")]).toEqual([undefined, undefined, undefined, undefined]);
  });
  it("complains in the words of the server", () => {
    expect(validateIP("f", "1.2.3")[0]?.message).toBe('Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)');
    expect(validateIP("f", "01.2.3.4")[0]?.message).toBe('Invalid value: "01.2.3.4": must not have leading 0s');
    expect(validateCIDR("f", "10.0.0.1/8")[0]?.message).toBe('Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length');
    expect(validateCIDR("f", "10.0.0.0/8")).toEqual([]);
  });
});

describe("times", () => {
  const at = Date.parse("2026-11-21T03:04:05.678Z");
  it("are written in whole seconds or six digits", () => {
    expect(rfc3339(at)).toBe("2026-11-21T03:04:05Z");
    expect(rfc3339Micro(at)).toBe("2026-11-21T03:04:05.678000Z");
  });
  it.each([
    ["2026-11-21T03:04:05Z", at - 678],
    ["2026-11-21T05:04:05+02:00", at - 678],
    ["2026-11-21T03:04:05.678Z", at],
    ["2026-02-30T00:00:00Z", undefined],
    ["2026-11-21 03:04:05Z", undefined],
    ["2026-11-21T24:00:00Z", undefined],
    ["", undefined],
  ])("reads %s", (text, want) => expect(parseTime(text)).toBe(want));
  it.each([
    [0, "0s"],
    [-1500, "0s"],
    [-3000, "<invalid>"],
    [119_000, "119s"],
    [120_000, "2m"],
    [185_000, "3m5s"],
    [600_000, "10m"],
    [179 * 60_000, "179m"],
    [180 * 60_000, "3h"],
    [7.5 * 3_600_000, "7h30m"],
    [26 * 3_600_000, "26h"],
    [50 * 3_600_000, "2d2h"],
    [9 * 86_400_000, "9d"],
    [800 * 86_400_000, "2y70d"],
    [3000 * 86_400_000, "8y"],
  ])("%d ms last %s", (ms, want) => expect(humanDuration(ms)).toBe(want));
  it("an object without a time has an unknown age", () => {
    expect([age(undefined, at), age("2026-11-21T03:03:05Z", at)]).toEqual(["<unknown>", "60s"]);
  });
});

describe("percentages", () => {
  it.each([
    ["25%", 10, true, 3],
    ["25%", 10, false, 2],
    [3, 10, true, 3],
    ["x", 10, true, 0],
    ["100%", 7, false, 7],
  ] as const)("%s of %d", (value, total, roundUp, want) => expect(scaledValue(value, total, { roundUp })).toBe(want));
});
