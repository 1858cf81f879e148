// The OpenAPI v2 document as protobuf, which kubectl asks for. Field numbers: google/gnostic-models openapiv2/OpenAPIv2.proto.

const utf8 = (text) => Buffer.from(text, "utf8");
function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
const bytesField = (number, bytes) => Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
const message = (...fields) => Buffer.concat(fields.flat(2).filter((field) => field !== undefined));

/** The forms of a field: each makes zero or more fields of a value. */
const text = (number, value) => (value === undefined ? undefined : bytesField(number, utf8(value)));
const texts = (number, values) => (values ?? []).map((value) => text(number, value));
const flag = (number, value) => (value ? Buffer.concat([varint(number * 8), varint(1)]) : undefined);
const int = (number, value) => (value === undefined ? undefined : Buffer.concat([varint(number * 8), varint(value)]));
function double(number, value) {
  if (value === undefined) return undefined;
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([varint(number * 8 + 1), bytes]);
}
const part = (number, value, encode) => (value === undefined ? undefined : bytesField(number, encode(value)));
const parts = (number, values, encode) => (values ?? []).map((value) => part(number, value, encode));
/** A map: a list of names and values. */
const named = (number, map, encode) => Object.entries(map ?? {}).map(([name, value]) => bytesField(number, message(text(1, name), part(2, value, encode))));

/** Values of any type travel as YAML; JSON is YAML. */
const any = (value) => message(text(2, JSON.stringify(value)));
const extensions = (number, holder) => named(number, Object.fromEntries(Object.entries(holder).filter(([key]) => key.startsWith("x-"))), any);
const reference = ({ $ref, description }) => message(text(1, $ref), text(2, description));

/** Members that schemas and parameters have in common, at the numbers given. */
const KNOWN = new Set([
  "$ref", "format", "description", "default", "maximum", "minimum", "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems",
  "maxProperties", "minProperties", "required", "enum", "additionalProperties", "type", "items", "allOf", "properties",
]); // prettier-ignore
function schema(value) {
  const odd = Object.keys(value).find((key) => !KNOWN.has(key) && !key.startsWith("x-"));
  if (odd !== undefined) throw new Error(`no place for ${odd} of a schema`);
  const extra = value.additionalProperties;
  return message(
    text(1, value.$ref),
    text(2, value.format),
    text(4, value.description),
    part(5, value.default, any),
    double(7, value.maximum),
    double(9, value.minimum),
    int(11, value.maxLength),
    int(12, value.minLength),
    text(13, value.pattern),
    int(14, value.maxItems),
    int(15, value.minItems),
    flag(16, value.uniqueItems),
    int(17, value.maxProperties),
    int(18, value.minProperties),
    texts(19, value.required),
    parts(20, value.enum, any),
    part(21, extra, (one) => (typeof one === "boolean" ? message(flag(2, one)) : message(part(1, one, schema)))),
    part(22, value.type, (one) => message(texts(1, [one].flat()))),
    part(23, value.items, (one) => message(part(1, one, schema))),
    parts(24, value.allOf, schema),
    part(25, value.properties, (one) => message(named(1, one, schema))),
    extensions(31, value),
  );
}

const bodyParameter = (value) =>
  message(text(1, value.description), text(2, value.name), text(3, value.in), flag(4, value.required), part(5, value.schema, schema), extensions(6, value));
/** Of headers, queries and paths; in queries all numbers after that of the name are one more. */
function otherParameter(value) {
  const more = value.in === "query" ? 1 : 0;
  return message(
    flag(1, value.required),
    text(2, value.in),
    text(3, value.description),
    text(4, value.name),
    text(5 + more, value.type),
    text(6 + more, value.format),
    flag(19 + more, value.uniqueItems),
    extensions(22 + more, value),
  );
}
const OTHER = { header: 1, query: 3, path: 4 };
const parameter = (value) =>
  message(value.in === "body" ? part(1, value, bodyParameter) : part(2, value, (one) => message(part(OTHER[one.in], one, otherParameter))));
const parametersItem = (value) => message(value.$ref ? part(2, value, reference) : part(1, value, parameter));

const response = (value) =>
  message(
    text(1, value.description),
    part(2, value.schema, (one) => message(part(1, one, schema))),
    extensions(5, value),
  );
const operation = (value) =>
  message(
    texts(1, value.tags),
    text(3, value.description),
    text(5, value.operationId),
    texts(6, value.produces),
    texts(7, value.consumes),
    parts(8, value.parameters, parametersItem),
    part(9, value.responses, (one) => message(named(1, one, (answer) => message(part(1, answer, response))))),
    texts(10, value.schemes),
    flag(11, value.deprecated),
    extensions(13, value),
  );
const METHODS = { get: 2, put: 3, post: 4, delete: 5, options: 6, head: 7, patch: 8 };
const pathItem = (value) =>
  message(
    Object.entries(METHODS).map(([method, number]) => part(number, value[method], operation)),
    parts(9, value.parameters, parametersItem),
  );

const apiKey = (value) => message(text(1, value.type), text(2, value.name), text(3, value.in), text(4, value.description));
const requirement = (value) => message(named(1, value, (scopes) => message(texts(1, scopes))));

/** The bytes of a document made by v2.mjs. */
export function swaggerProtobuf(document) {
  return message(
    text(1, document.swagger),
    part(2, document.info, (info) => message(text(1, info.title), text(2, info.version))),
    part(8, document.paths, (paths) => message(named(2, paths, pathItem))),
    part(9, document.definitions, (definitions) => message(named(1, definitions, schema))),
    part(10, document.parameters, (parameters) => message(named(1, parameters, parameter))),
    parts(12, document.security, requirement),
    part(13, document.securityDefinitions, (all) => message(named(1, all, (one) => message(part(2, one, apiKey))))),
  );
}
