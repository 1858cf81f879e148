// OpenAPI of custom resources, made when asked for: the documents of built-in kinds are static (scripts/build-openapi.mjs).
// As upstream: apiextensions-apiserver pkg/controller/openapi/builder and openapi/v2/conversion.go.
import { cloneJson, isObject, type Json, type JsonObject } from "../base/json.ts";

/** A served version of a custom resource. */
export interface CustomType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly status: boolean;
  readonly scale: boolean;
  /** openAPIV3Schema */
  readonly schema?: JsonObject;
}
/** The asset openapi/custom.json: paths of one resource with marks in place of names, and the schemas that they mention. */
export interface CustomTemplate {
  readonly paths: Readonly<Record<string, JsonObject>>;
  readonly schemas: Readonly<Record<string, JsonObject>>;
}

const V3 = "#/components/schemas/";
const V2 = "#/definitions/";
const META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
const CONVENTIONS = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md";
const TEXTS = {
  apiVersion: `APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: ${CONVENTIONS}#resources`,
  kind: `Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: ${CONVENTIONS}#types-kinds`,
  metadata: `Standard object's metadata. More info: ${CONVENTIONS}#metadata`,
  listMetadata: `Standard list metadata. More info: ${CONVENTIONS}#types-kinds`,
} as const;

/** `x.example`, v2, Cup -> `example.x.v2.Cup` */
export const definitionName = (type: Pick<CustomType, "group" | "version">, kind: string): string =>
  [...type.group.split(".").toReversed(), type.version, kind].join(".");
const gvkOf = ({ group, version }: CustomType, kind: string): JsonObject => ({ "x-kubernetes-group-version-kind": [{ group, kind, version }] });

type Form = "v2" | "v3";
const meta = (form: Form, name: "ObjectMeta" | "ListMeta", description: string): JsonObject =>
  form === "v3" ? { description, allOf: [{ $ref: `${V3}${META}${name}` }] } : { description, $ref: `${V2}${META}${name}` };
const typed = (form: Form): JsonObject => ({
  apiVersion: { description: TEXTS.apiVersion, type: "string" },
  kind: { description: TEXTS.kind, type: "string" },
  metadata: meta(form, "ObjectMeta", TEXTS.metadata),
});

function eachSchema(schema: JsonObject, change: (child: JsonObject) => void): void {
  const maps: (Json | undefined)[] = [schema.properties];
  for (const map of maps) if (isObject(map)) for (const child of Object.values(map)) if (isObject(child)) change(child);
  for (const child of [schema.items, schema.additionalProperties]) if (isObject(child)) change(child);
}
/** Version 3 says what is left unsaid in a structural schema: the types of int-or-string, the fields of embedded objects. */
function spelledOut(schema: JsonObject): void {
  if (schema["x-kubernetes-int-or-string"] === true && schema.anyOf === undefined) schema.anyOf = [{ type: "integer" }, { type: "string" }];
  if (schema["x-kubernetes-embedded-resource"] === true) {
    schema.properties = { ...typed("v3"), ...(isObject(schema.properties) ? schema.properties : {}) };
    const required = Array.isArray(schema.required) ? schema.required : [];
    schema.required = [...new Set([...required, "kind", "apiVersion"])];
  }
  eachSchema(schema, spelledOut);
}
/** What version 2 and the clients that read it cannot express is left out. */
function simplified(schema: JsonObject): void {
  for (const key of ["oneOf", "anyOf", "allOf", "not", "default"]) delete schema[key];
  const open = schema.nullable === true || schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (open) for (const key of ["type", "nullable", "items", "properties", "additionalProperties", "required"]) delete schema[key];
  eachSchema(schema, simplified);
}

function objectSchema(type: CustomType, form: Form): JsonObject {
  const schema: JsonObject = type.schema === undefined ? { type: "object", "x-kubernetes-preserve-unknown-fields": true } : cloneJson(type.schema);
  const gvk = gvkOf(type, type.kind);
  if (form === "v2" && schema["x-kubernetes-preserve-unknown-fields"] === true) return { type: "object", ...gvk };
  const properties = isObject(schema.properties) ? schema.properties : {};
  delete properties.metadata;
  for (const property of Object.values(properties)) if (isObject(property)) (form === "v3" ? spelledOut : simplified)(property);
  if (form === "v2") for (const key of ["oneOf", "anyOf", "allOf", "not", "default"]) delete schema[key];
  return { ...schema, properties: { ...properties, ...typed(form) }, ...gvk };
}
function listSchema(type: CustomType, form: Form): JsonObject {
  const $ref = `${form === "v3" ? V3 : V2}${definitionName(type, type.kind)}`;
  return {
    description: `${type.listKind} is a list of ${type.kind}`,
    type: "object",
    required: ["items"],
    properties: {
      apiVersion: { description: TEXTS.apiVersion, type: "string" },
      items: { description: `List of ${type.plural}. More info: ${CONVENTIONS}`, type: "array", items: { $ref } },
      kind: { description: TEXTS.kind, type: "string" },
      metadata: meta(form, "ListMeta", TEXTS.listMetadata),
    },
    ...gvkOf(type, type.listKind),
  };
}
const schemasOf = (type: CustomType, form: Form): [string, JsonObject][] => [
  [definitionName(type, type.kind), objectSchema(type, form)],
  [definitionName(type, type.listKind), listSchema(type, form)],
];

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
/** The paths of one resource out of the template. Names are safe in JSON: the definition's validation has seen to that. */
function pathsOf(template: CustomTemplate, type: CustomType): [string, JsonObject][] {
  const parts = type.group
    .replace(/\.k8s\.io$/, "")
    .split(".")
    .map((part) => part.replaceAll(/[^A-Za-z0-9]/g, ""));
  const word = parts.map((part, index) => (index === 0 ? part : capital(part))).join("");
  const marks: readonly (readonly [string, string])[] = [
    ["<<schema>>List", definitionName(type, type.listKind)],
    ["<<schema>>", definitionName(type, type.kind)],
    ["<<group>>", type.group],
    ["<<version>>", type.version],
    ["<<plural>>", type.plural],
    ["<<kind>>", type.kind],
    ["<<tag>>", `${word}_${type.version}`],
    ["<<id>>", capital(word) + capital(type.version)],
  ];
  const filled = (text: string): string => marks.reduce((done, [mark, value]) => done.replaceAll(mark, value), text);
  const out = new Map<string, JsonObject>();
  for (const [path, calls] of Object.entries(template.paths)) {
    const inNamespace = path.includes("{namespace}");
    if ((!type.status && path.endsWith("/status")) || (!type.scale && path.endsWith("/scale")) || (!type.namespaced && !inNamespace)) continue;
    const text = filled(JSON.stringify(calls));
    if (type.namespaced) out.set(filled(path), JSON.parse(text) as JsonObject);
    else out.set(filled(path.replace("/namespaces/{namespace}", "")), withoutNamespace(text));
  }
  return [...out];
}
function withoutNamespace(text: string): JsonObject {
  const calls = JSON.parse(text.replaceAll("Namespaced", "")) as JsonObject;
  const drop = (holder: JsonObject): void => {
    if (Array.isArray(holder.parameters)) holder.parameters = holder.parameters.filter((parameter) => !isObject(parameter) || parameter.name !== "namespace");
  };
  drop(calls);
  for (const call of Object.values(calls)) if (isObject(call)) drop(call);
  return calls;
}

const byKey = <T>(entries: Iterable<readonly [string, T]>): Record<string, T> => Object.fromEntries([...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** The version 3 document of one group and version. */
export function customDocument(template: CustomTemplate, types: readonly CustomType[]): JsonObject {
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes CRD Swagger", version: "v0.1.0" },
    paths: byKey(types.flatMap((type) => pathsOf(template, type))),
    components: { schemas: byKey([...types.flatMap((type) => schemasOf(type, "v3")), ...Object.entries(template.schemas)]) },
  };
}

/** The version 2 document (its text) with definitions of custom resources put in; they stand last in it. */
export function withCustomDefinitions(text: string, types: readonly CustomType[]): string {
  if (types.length === 0) return text;
  const more = types.flatMap((type) => schemasOf(type, "v2")).map(([name, schema]) => `,${JSON.stringify(name)}:${JSON.stringify(schema)}`);
  return `${text.slice(0, text.lastIndexOf("}}"))}${more.join("")}}}`;
}

/** The index of version 3 (its text) with the documents of custom resources, by path (`apis/x.example/v2`) and hash. */
export function withCustomPaths(text: string, hashes: ReadonlyMap<string, string>): string {
  const index = JSON.parse(text) as { paths: Record<string, { serverRelativeURL: string }> };
  for (const [path, hash] of hashes) index.paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
  return JSON.stringify({ paths: byKey(Object.entries(index.paths)) });
}
