// Names of device attributes, capacities and pools. As upstream: validateQualifiedName, validatePoolName,
// pkg/apis/resource/validation/validation.go.
import { type FieldError, invalid, required, tooLong } from "../../errors/field-error.ts";
import { isCIdentifier, isDNS1123Subdomain } from "../../meta/names.ts";
import { validateDriverName } from "../storage/csi-driver.ts";
import { messages } from "./checks.ts";

const IDENTIFIER_MAX = 32;
const POOL_NAME_MAX = 253;

function validateIdentifier(name: string, field: string): FieldError[] {
  const errors = name.length > IDENTIFIER_MAX ? [tooLong(field, IDENTIFIER_MAX)] : [];
  return [...errors, ...messages(isCIdentifier(name), field, name)];
}
/** A C identifier, alone or after a domain and a slash. */
export function validateName(text: string, field: string): FieldError[] {
  const [first = "", second, ...more] = text.split("/");
  if (more.length > 0) return [];
  if (second === undefined) return validateIdentifier(first, field);
  return [
    ...(first === "" ? [invalid(field, "", "the domain must not be empty")] : validateDriverName(first, field)),
    ...(second === "" ? [invalid(field, "", "the name must not be empty")] : validateIdentifier(second, field)),
  ];
}
export function validateFullName(text: string, field: string): FieldError[] {
  const errors = validateName(text, field);
  return text.includes("/") ? errors : [...errors, invalid(field, text, "a fully qualified name must be a domain and a name separated by a slash")];
}
export function validatePoolName(name: string, field: string): FieldError[] {
  if (name === "") return [required(field)];
  const errors = name.length > POOL_NAME_MAX ? [tooLong(field, POOL_NAME_MAX)] : [];
  return [...errors, ...name.split("/").flatMap((part) => messages(isDNS1123Subdomain(part), field, part))];
}
