// How Go prints the versions of a CustomResourceDefinition in messages: the server's internal structs, absent as null.
// Fields in the order of k8s.io/apiextensions-apiserver pkg/apis/apiextensions/types_jsonschema.go.
import { isObject, type Json, type JsonObject } from "../../base/json.ts";
import type { CustomResourceDefinitionVersion, CustomResourceSubresources, JSONSchemaProps } from "../_generated/types.ts";

type Show = (value: unknown) => Json;
const asIs: Show = (value) => (value ?? null) as Json;
const text: Show = (value) => (value ?? "") as Json;
const flag: Show = (value) => (value ?? false) as Json;
const schema: Show = (value) => (isObject(value) ? schemaValue(value as JSONSchemaProps) : null);
const schemas: Show = (value) => (Array.isArray(value) ? value.map(schema) : null);
const schemaMap: Show = (value) =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, one]) => [key, schema(one)]),
      )
    : null;
const schemaOrList: Show = (value) =>
  value === undefined ? null : { Schema: Array.isArray(value) ? null : schema(value), JSONSchemas: Array.isArray(value) ? schemas(value) : null };
const schemaOrBool: Show = (value) => (value === undefined ? null : { Allows: typeof value === "boolean" ? value : true, Schema: schema(value) });
const documentation: Show = (value) => (isObject(value) ? { Description: text(value["description"]), URL: text(value["url"]) } : null);
const rules: Show = (value) =>
  Array.isArray(value)
    ? value.filter(isObject).map((rule) => ({
        Rule: text(rule["rule"]),
        Message: text(rule["message"]),
        MessageExpression: text(rule["messageExpression"]),
        Reason: asIs(rule["reason"]),
        FieldPath: text(rule["fieldPath"]),
        OptionalOldSelf: asIs(rule["optionalOldSelf"]),
      }))
    : null;

/** Go's name, the name in the API where it is not the same with a small first letter, and how it prints. */
const FIELDS: readonly (readonly [go: string, show: Show, name?: string])[] = [
  ["ID", text, "id"],
  ["Schema", text, "$schema"],
  ["Ref", asIs, "$ref"],
  ...(["Description", "Type"] as const).map((go) => [go, text] as const),
  ["Nullable", flag],
  ...(["Format", "Title"] as const).map((go) => [go, text] as const),
  ["Default", asIs],
  ["Maximum", asIs],
  ["ExclusiveMaximum", flag],
  ["Minimum", asIs],
  ["ExclusiveMinimum", flag],
  ["MaxLength", asIs],
  ["MinLength", asIs],
  ["Pattern", text],
  ["MaxItems", asIs],
  ["MinItems", asIs],
  ["UniqueItems", flag],
  ...(["MultipleOf", "Enum", "MaxProperties", "MinProperties", "Required"] as const).map((go) => [go, asIs] as const),
  ["Items", schemaOrList],
  ...(["AllOf", "OneOf", "AnyOf"] as const).map((go) => [go, schemas] as const),
  ["Not", schema],
  ["Properties", schemaMap],
  ["AdditionalProperties", schemaOrBool],
  ["PatternProperties", schemaMap],
  ["Dependencies", asIs],
  ["AdditionalItems", schemaOrBool],
  ["Definitions", schemaMap],
  ["ExternalDocs", documentation],
  ["Example", asIs],
  ["XPreserveUnknownFields", asIs, "x-kubernetes-preserve-unknown-fields"],
  ["XEmbeddedResource", flag, "x-kubernetes-embedded-resource"],
  ["XIntOrString", flag, "x-kubernetes-int-or-string"],
  ["XListMapKeys", asIs, "x-kubernetes-list-map-keys"],
  ["XListType", asIs, "x-kubernetes-list-type"],
  ["XMapType", asIs, "x-kubernetes-map-type"],
  ["XValidations", rules, "x-kubernetes-validations"],
];
export function schemaValue(props: JSONSchemaProps): Json {
  const members = props as Readonly<Record<string, unknown>>;
  const lower = (go: string): string => go.slice(0, 1).toLowerCase() + go.slice(1);
  return Object.fromEntries(FIELDS.map(([go, show, name = lower(go)]) => [go, show(members[name])])) as JsonObject;
}
const subresourcesValue = (subresources: CustomResourceSubresources | undefined): Json =>
  subresources
    ? {
        Status: subresources.status === undefined ? null : {},
        Scale: subresources.scale
          ? {
              SpecReplicasPath: subresources.scale.specReplicasPath ?? "",
              StatusReplicasPath: subresources.scale.statusReplicasPath ?? "",
              LabelSelectorPath: subresources.scale.labelSelectorPath ?? null,
            }
          : null,
      }
    : null;
export function versionValue(version: CustomResourceDefinitionVersion): Json {
  const { schema: validation, additionalPrinterColumns: columns, selectableFields: fields } = version;
  return {
    Name: version.name ?? "",
    Served: version.served ?? false,
    Storage: version.storage ?? false,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: validation ? { OpenAPIV3Schema: schema(validation.openAPIV3Schema) } : null,
    Subresources: subresourcesValue(version.subresources),
    AdditionalPrinterColumns:
      columns?.map((column) => ({
        Name: column.name ?? "",
        Type: column.type ?? "",
        Format: column.format ?? "",
        Description: column.description ?? "",
        Priority: column.priority ?? 0,
        JSONPath: column.jsonPath ?? "",
      })) ?? null,
    SelectableFields: fields?.map((field) => ({ JSONPath: field.jsonPath ?? "" })) ?? null,
  };
}
