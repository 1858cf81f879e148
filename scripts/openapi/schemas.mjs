// OpenAPI v3 schemas out of the type skeleton that the server itself works with (shared/schema), texts added.

const PACKAGES = {
  "paperplane.v1": "dev.paperplane.v1",
  "meta.v1": "io.k8s.apimachinery.pkg.apis.meta.v1",
  "apiextensions.v1": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1",
  "apiregistration.v1": "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1",
  "api.resource": "io.k8s.apimachinery.pkg.api.resource",
  "util.intstr": "io.k8s.apimachinery.pkg.util.intstr",
  runtime: "io.k8s.apimachinery.pkg.runtime",
  version: "io.k8s.apimachinery.pkg.version",
};
/** `apps.v1.Deployment` -> `io.k8s.api.apps.v1.Deployment` */
export function fullName(name) {
  const at = name.lastIndexOf(".");
  const pack = name.slice(0, at);
  return `${PACKAGES[pack] ?? `io.k8s.api.${pack}`}${name.slice(at)}`;
}
export const ref = (name) => ({ $ref: `#/components/schemas/${fullName(name)}` });

/** Types that are no structs: what they look like, in words of our own. */
const OPAQUE = {
  "api.resource.Quantity": {
    description: "An exact amount: a number with an optional suffix (m, k, M, G, Ki, Mi, Gi ...), as 100m, 1.5 or 2Gi.",
    oneOf: [{ type: "string" }, { type: "number" }],
  },
  "util.intstr.IntOrString": {
    description: "A whole number or a string; a string often is a percentage or the name of a port.",
    format: "int-or-string",
    oneOf: [{ type: "integer" }, { type: "string" }],
  },
  "meta.v1.Time": { description: "A point in time, to the second, as RFC 3339 writes it.", type: "string", format: "date-time" },
  "meta.v1.MicroTime": { description: "A point in time, to the microsecond, as RFC 3339 writes it.", type: "string", format: "date-time" },
  "meta.v1.FieldsV1": {
    description: "A set of fields as a tree: f:<name> is a field, k:<keys> and v:<value> are items of lists, a dot is the thing itself.",
    type: "object",
  },
  "meta.v1.Patch": { description: "A patch in one of the forms that Content-Type names.", type: "object" },
  "runtime.RawExtension": { description: "An object of any kind, kept as it was given.", type: "object" },
  "apiextensions.v1.JSON": { description: "Any JSON value." },
  "apiextensions.v1.JSONSchemaPropsOrArray": { description: "A schema, or a list of schemas." },
  "apiextensions.v1.JSONSchemaPropsOrBool": { description: "A schema, or true or false." },
  "apiextensions.v1.JSONSchemaPropsOrStringArray": { description: "A schema, or a list of strings." },
  "apiextensions.v1.CustomResourceSubresourceStatus": { description: "Says that the resource has a status subresource.", type: "object" },
};
/** Fields of which one at most is set, and the field that says which. */
const UNIONS = {
  "core.v1.AppArmorProfile": { discriminator: "type", "fields-to-discriminateBy": { localhostProfile: "LocalhostProfile" } },
  "core.v1.PodSchedulingGroup": { "fields-to-discriminateBy": { podGroupName: "PodGroupName" } },
  "core.v1.SeccompProfile": { discriminator: "type", "fields-to-discriminateBy": { localhostProfile: "LocalhostProfile" } },
  "flowcontrol.v1.LimitResponse": { discriminator: "type", "fields-to-discriminateBy": { queuing: "Queuing" } },
  "flowcontrol.v1.PriorityLevelConfigurationSpec": { discriminator: "type", "fields-to-discriminateBy": { exempt: "Exempt", limited: "Limited" } },
  "flowcontrol.v1.Subject": { discriminator: "kind", "fields-to-discriminateBy": { group: "Group", serviceAccount: "ServiceAccount", user: "User" } },
};
const SCALARS = {
  string: { type: "string" },
  boolean: { type: "boolean" },
  "integer:int32": { type: "integer", format: "int32" },
  "integer:int64": { type: "integer", format: "int64" },
  integer: { type: "integer" },
  "number:double": { type: "number", format: "double" },
  "string:byte": { type: "string", format: "byte" },
  object: { type: "object" },
};
const ZERO = { string: "", boolean: false, "integer:int32": 0, "integer:int64": 0, integer: 0, "number:double": 0 };
const GENERIC = {
  kind: "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds",
  apiVersion:
    "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources",
};

/** Pointers have no default; values of lists and maps do, as plain structs and scalars have. */
function elementOf(type) {
  if (type.startsWith("[") || type.startsWith("map[")) return typeOf(type);
  if (type in SCALARS) return { ...SCALARS[type], ...(type in ZERO ? { default: ZERO[type] } : {}) };
  return type in OPAQUE ? ref(type) : { default: {}, allOf: [ref(type)] };
}
function typeOf(type) {
  if (type.startsWith("map[")) return { type: "object", additionalProperties: elementOf(type.slice(4, -1)) };
  if (type.startsWith("[")) return { type: "array", items: elementOf(type.slice(1, -1)) };
  if (type === "" || type === "type") return {};
  return SCALARS[type] ?? { allOf: [ref(type)] };
}

export function makeSchemas({ table, goTypes, texts }) {
  const words = (text) => new Set(text ? text.split(" ") : []);
  function property(name, field, how) {
    const { t: type = "" } = field;
    const description = how.fields.get(name) ?? (how.typed ? GENERIC[name] : undefined);
    const bare = description === undefined && type.includes(".") && !/[[\]]/.test(type) && field.d === undefined && !how.structs.has(name);
    const shape = bare ? ref(type) : typeOf(type);
    const elements = shape.items ?? shape.additionalProperties;
    if (field.e && elements) elements.enum = field.e.flatMap((list) => list.split("|"));
    const value = field.d !== undefined ? field.d : how.structs.has(name) && !(type in OPAQUE) ? {} : undefined;
    return {
      ...(description ? { description } : {}),
      ...shape,
      ...(value === undefined ? {} : { default: value }),
      ...(field.e && !elements ? { enum: field.e.flatMap((list) => list.split("|")) } : {}),
      ...(field.k ? { "x-kubernetes-list-map-keys": field.k } : {}),
      ...(field.l ? { "x-kubernetes-list-type": field.l } : {}),
      ...(field.m ? { "x-kubernetes-map-type": field.m } : {}),
      ...(field.p ? { "x-kubernetes-patch-merge-key": field.p } : {}),
      ...(field.s?.length ? { "x-kubernetes-patch-strategy": field.s.join(",") } : {}),
    };
  }
  /** The schema of that name; `kinds`: group, version, kind of top-level types. */
  function schema(name, kinds) {
    const model = texts.model(fullName(name));
    const gvk = kinds?.length ? { "x-kubernetes-group-version-kind": kinds } : {};
    if (name in OPAQUE) return { ...OPAQUE[name], ...gvk };
    const raw = table[name];
    const structs = words(goTypes[name]?.s);
    const typed = "kind" in raw.f && "apiVersion" in raw.f;
    const names = Object.keys(raw.f).sort();
    const required = goTypes[name]?.r?.split(" ") ?? names.filter((key) => raw.f[key].r === 1);
    return {
      ...(model.description ? { description: model.description } : {}),
      type: "object",
      ...(required.length ? { required } : {}),
      ...(names.length
        ? { properties: Object.fromEntries(names.map((key) => [key, property(key, raw.f[key], { fields: model.fields, structs, typed })])) }
        : {}),
      ...(raw.m ? { "x-kubernetes-map-type": raw.m } : {}),
      ...(UNIONS[name] ? { "x-kubernetes-unions": [UNIONS[name]] } : {}),
      ...gvk,
    };
  }
  return { schema };
}

/** Names of the schemas that a type skeleton field speaks of. */
export function mentioned(type = "") {
  const inner = type.replaceAll(/map\[|\[|\]/g, "");
  return inner.includes(".") ? [inner] : [];
}
