// Names, printer columns and replica paths of a CustomResourceDefinition.
// As upstream: k8s.io/apiextensions-apiserver pkg/apis/apiextensions/validation/validation.go.
import { type FieldError, invalid, required } from "../../errors/field-error.ts";
import { isDNS1035Label } from "../../meta/names.ts";
import type { CustomResourceColumnDefinition, CustomResourceDefinitionNames, CustomResourceSubresources } from "../_generated/types.ts";

const COLUMN_TYPES = ["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

function label(value: string, field: string): FieldError[] {
  const problems = isDNS1035Label(value);
  return problems.length > 0 ? [invalid(field, value, problems.join(","))] : [];
}
function mixedCase(value: string, field: string): FieldError[] {
  const problems = isDNS1035Label(value.toLowerCase());
  return value === "" || problems.length === 0 ? [] : [invalid(field, value, `may have mixed case, but should otherwise match: ${problems.join(",")}`)];
}
export function validateNames(names: CustomResourceDefinitionNames, field: string): FieldError[] {
  const { plural = "", singular = "", kind = "", listKind = "", shortNames = [], categories = [] } = names;
  const errors = [
    ...(plural === "" ? [] : label(plural, `${field}.plural`)),
    ...(singular === "" ? [] : label(singular, `${field}.singular`)),
    ...mixedCase(kind, `${field}.kind`),
    ...mixedCase(listKind, `${field}.listKind`),
    ...shortNames.flatMap((name, index) => label(name, `${field}.shortNames[${index}]`)),
  ];
  if (kind !== "" && kind === listKind) errors.push(invalid(`${field}.listKind`, listKind, "kind and listKind may not be the same"));
  return [...errors, ...categories.flatMap((category, index) => label(category, `${field}.categories[${index}]`))];
}

const notSimple = (path: string, field: string): FieldError[] =>
  path.startsWith(".") ? [] : [invalid(field, path, "must be a simple json path starting with .")];
export function validateColumn(column: CustomResourceColumnDefinition, field: string): FieldError[] {
  const { name = "", type = "", format = "", jsonPath = "" } = column;
  const errors = name === "" ? [required(`${field}.name`)] : [];
  const types = `must be one of ${COLUMN_TYPES.join(",")}`;
  if (type === "") errors.push(required(`${field}.type`, types));
  else if (!COLUMN_TYPES.includes(type)) errors.push(invalid(`${field}.type`, type, types));
  if (format !== "" && !COLUMN_FORMATS.includes(format)) {
    errors.push(invalid(`${field}.format`, format, `must be one of ${COLUMN_FORMATS.join(",")}`));
  }
  if (jsonPath === "") return [...errors, required(`${field}.JSONPath`)];
  return [...errors, ...notSimple(jsonPath, `${field}.JSONPath`)];
}

function replicasPath(path: string, roots: readonly string[], field: string): FieldError[] {
  const simple = notSimple(path, field);
  if (simple.length > 0 || roots.some((root) => path.startsWith(`${root}.`))) return simple;
  return [invalid(field, path, `should be a json path under ${roots.length > 1 ? "either " : ""}${roots.join(" or ")}`)];
}
export function validateSubresources(subresources: CustomResourceSubresources | undefined, field: string): FieldError[] {
  const scale = subresources?.scale;
  if (!scale) return [];
  const { specReplicasPath = "", statusReplicasPath = "", labelSelectorPath = "" } = scale;
  return [
    ...(specReplicasPath === "" ? [required(`${field}.scale.specReplicasPath`)] : replicasPath(specReplicasPath, [".spec"], `${field}.scale.specReplicasPath`)),
    ...(statusReplicasPath === ""
      ? [required(`${field}.scale.statusReplicasPath`)]
      : replicasPath(statusReplicasPath, [".status"], `${field}.scale.statusReplicasPath`)),
    ...(labelSelectorPath === "" ? [] : replicasPath(labelSelectorPath, [".spec", ".status"], `${field}.scale.labelSelectorPath`)),
  ];
}
