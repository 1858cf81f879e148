// The same documents as one OpenAPI v2 (Swagger) document. Definitions come last in its text: more can be put in before its end.
import { createHash } from "node:crypto";

const DEFINITIONS = "#/definitions/";

/** Version 2 has no allOf around references here, no oneOf, and the server gives no defaults. */
export function definition(schema) {
  if (Array.isArray(schema)) return schema.map(definition);
  if (typeof schema !== "object" || schema === null) return schema;
  const { allOf, oneOf, default: _default, ...rest } = schema;
  const out = {};
  for (const [key, value] of Object.entries(rest)) {
    if (key === "$ref") out.$ref = value.replace("#/components/schemas/", DEFINITIONS);
    else if (key === "properties") out.properties = Object.fromEntries(Object.entries(value).map(([name, property]) => [name, definition(property)]));
    else out[key] = definition(value);
  }
  if (allOf?.length === 1) Object.assign(out, definition(allOf[0]));
  if (oneOf && out.type === undefined) out.type = "string";
  return out;
}

/** Parameters that appear again and again stand once, by name and hash. */
class Shared {
  parameters = {};
  use(parameter) {
    const hash = createHash("sha256").update(JSON.stringify(parameter)).digest("base64url").slice(0, 8);
    const key = `${parameter.name}-${hash}`;
    this.parameters[key] = parameter;
    return { $ref: `#/parameters/${key}` };
  }
}
const parameterOf = ({ schema, ...rest }) => ({ ...schema, ...rest });

function operation(call, shared) {
  const { parameters = [], requestBody, responses, tags, operationId, description, ...extensions } = call;
  const bodies = Object.entries(requestBody?.content ?? {});
  const body =
    bodies.length === 0 ? [] : [{ name: "body", in: "body", ...(requestBody.required ? { required: true } : {}), schema: definition(bodies[0][1].schema) }];
  const answers = Object.entries(responses).map(([code, answer]) => {
    const schema = Object.values(answer.content ?? {})[0]?.schema;
    return [code, { description: answer.description, ...(schema ? { schema: definition(schema) } : {}) }];
  });
  const produced = Object.values(responses).flatMap((answer) => Object.keys(answer.content ?? {}));
  return {
    description,
    consumes: bodies.length > 0 ? bodies.map(([type]) => type) : ["*/*"],
    produces: [...new Set(produced)],
    schemes: ["https"],
    tags,
    operationId,
    ...(body.length + parameters.length > 0 ? { parameters: [...body, ...parameters.map(parameterOf)].map((parameter) => shared.use(parameter)) } : {}),
    responses: Object.fromEntries(answers),
    ...extensions,
  };
}

/** `documents`: version 3 documents. Types that all groups register for themselves get the groups of all. */
export function swagger(documents) {
  const shared = new Shared();
  const paths = {};
  const definitions = {};
  const GVK = "x-kubernetes-group-version-kind";
  for (const document of documents) {
    for (const [path, calls] of Object.entries(document.paths)) {
      const { parameters, ...methods } = calls;
      paths[path] = Object.fromEntries(Object.entries(methods).map(([method, call]) => [method, operation(call, shared)]));
      if (parameters) paths[path].parameters = parameters.map((parameter) => shared.use(parameterOf(parameter)));
    }
    for (const [name, schema] of Object.entries(document.components.schemas ?? {})) {
      const made = definition(schema);
      const kinds = [...(definitions[name]?.[GVK] ?? []), ...(made[GVK] ?? [])];
      const different = [...new Map(kinds.map((kind) => [JSON.stringify(kind), kind])).values()];
      definitions[name] = { ...made, ...(different.length > 0 ? { [GVK]: different } : {}) };
    }
  }
  return {
    swagger: "2.0",
    info: { title: "Kubernetes", version: "1.36" },
    securityDefinitions: { BearerToken: { description: "Bearer Token authentication", type: "apiKey", name: "authorization", in: "header" } },
    security: [{ BearerToken: [] }],
    parameters: shared.parameters,
    paths,
    definitions: Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
