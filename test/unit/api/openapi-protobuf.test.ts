// The OpenAPI v2 document as protobuf, read back field by field.
import { expect, test } from "vitest";
// @ts-expect-error a build script without types
import { swaggerProtobuf } from "../../../scripts/openapi/v2-protobuf.mjs";

interface Field {
  readonly number: number;
  readonly value: Buffer | number;
}
/** The fields of a message; only the wire types that are written. */
function fields(bytes: Buffer): Field[] {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  const out: Field[] = [];
  while (at < bytes.length) {
    const tag = varint();
    if (tag % 8 === 0) out.push({ number: Math.floor(tag / 8), value: varint() });
    else if (tag % 8 === 1) out.push({ number: Math.floor(tag / 8), value: bytes.readDoubleLE((at += 8) - 8) });
    else {
      const length = varint();
      out.push({ number: Math.floor(tag / 8), value: bytes.subarray(at, (at += length)) });
    }
  }
  return out;
}
/** The field at a path of numbers; the first where there are several. */
function at(bytes: Buffer, ...path: number[]): string | number | undefined {
  let value: Field["value"] | undefined = bytes;
  for (const number of path) value = typeof value === "object" ? fields(value).find((field) => field.number === number)?.value : undefined;
  return typeof value === "object" ? value.toString() : value;
}

const reference = { $ref: "#/definitions/Cup" };
const document = {
  swagger: "2.0",
  info: { title: "T", version: "1" },
  paths: {
    "/cups": {
      get: {
        operationId: "listCups",
        produces: ["a/b"],
        parameters: [{ $ref: "#/parameters/limit" }],
        responses: { 200: { description: "OK", schema: reference } },
        "x-act": "list",
      },
    },
  },
  parameters: { limit: { name: "limit", in: "query", type: "integer", uniqueItems: true } },
  definitions: {
    Cup: { type: "object", required: ["n"], properties: { n: { type: "number", maximum: 1.5, description: "x".repeat(200) } }, "x-kind": [{ kind: "Cup" }] },
  },
};
const bytes = swaggerProtobuf(document) as Buffer;

test("names, texts and numbers are where gnostic looks for them", () => {
  expect([at(bytes, 1), at(bytes, 2, 1), at(bytes, 2, 2)]).toEqual(["2.0", "T", "1"]);
  expect([at(bytes, 9, 1, 1), at(bytes, 9, 1, 2, 19), at(bytes, 9, 1, 2, 22, 1)]).toEqual(["Cup", "n", "object"]);
  expect([at(bytes, 9, 1, 2, 25, 1, 1), at(bytes, 9, 1, 2, 25, 1, 2, 7), at(bytes, 9, 1, 2, 25, 1, 2, 4)]).toEqual(["n", 1.5, "x".repeat(200)]);
});
test("extensions travel as YAML", () => {
  expect([at(bytes, 9, 1, 2, 31, 1), at(bytes, 9, 1, 2, 31, 2, 2)]).toEqual(["x-kind", '[{"kind":"Cup"}]']);
});
test("operations, shared parameters and answers", () => {
  const get = [8, 2, 2, 2];
  expect([at(bytes, ...get, 5), at(bytes, ...get, 6), at(bytes, ...get, 8, 2, 1)]).toEqual(["listCups", "a/b", "#/parameters/limit"]);
  expect([at(bytes, ...get, 9, 1, 1), at(bytes, ...get, 9, 1, 2, 1, 2, 1, 1)]).toEqual(["200", "#/definitions/Cup"]);
  expect([at(bytes, 10, 1, 1), at(bytes, 10, 1, 2, 2, 3, 4), at(bytes, 10, 1, 2, 2, 3, 20)]).toEqual(["limit", "limit", 1]);
});
test("what has no place is refused rather than lost", () => {
  expect(() => swaggerProtobuf({ definitions: { A: { oneOf: [] } } }) as Buffer).toThrow("oneOf");
});
