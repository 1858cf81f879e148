// Checks of whole domain names and domain-prefixed paths, as messages or as errors of a field.
// As upstream: k8s.io/apimachinery pkg/util/validation/validation.go IsFullyQualifiedName and its neighbours.
import type { FieldError } from "../errors/field-error.ts";
import { invalid, required } from "../errors/field-error.ts";
import { isDNS1123Label, isDNS1123Subdomain, isHTTPPath, isQualifiedName } from "./name-checks.ts";

/** A part that is wrong and why; `undefined` for a value that is missing altogether. */
type Problem = { readonly value: string; readonly message: string } | undefined;
const problems = (value: string, messages: readonly string[]): Problem[] => messages.map((message) => ({ value, message }));
const joined = (value: string, messages: readonly string[]): Problem[] => (messages.length === 0 ? [] : [{ value, message: messages.join(",") }]);

function fullName(name: string): Problem[] {
  if (name === "") return [undefined];
  const bad = joined(name, isDNS1123Subdomain(name));
  if (bad.length > 0 || name.split(".").length >= 3) return bad;
  return problems(name, ["should be a domain with at least three segments separated by dots"]);
}
function fullDomain(value: string): Problem[] {
  if (value === "") return [undefined];
  const name = value.endsWith(".") ? value.slice(0, -1) : value;
  const bad = joined(name, isDNS1123Subdomain(name));
  if (bad.length > 0) return bad;
  const labels = name.split(".");
  if (labels.length < 2) return problems(name, ["should be a domain with at least two segments separated by dots"]);
  for (const label of labels) {
    const badLabel = joined(label, isDNS1123Label(label));
    if (badLabel.length > 0) return badLabel;
  }
  return [];
}
function prefixedPath(value: string): Problem[] {
  if (value === "") return [undefined];
  const slash = value.indexOf("/");
  if (slash <= 0 || slash === value.length - 1) return problems(value, ['must be a domain-prefixed path (such as "acme.io/foo")']);
  const host = value.slice(0, slash);
  const path = value.slice(slash + 1);
  return [...problems(host, isDNS1123Subdomain(host)), ...problems(path, isHTTPPath(path))];
}
function prefixedKey(key: string): Problem[] {
  if (key === "") return [undefined];
  const bad = problems(key, isQualifiedName(key));
  if (bad.length > 0 || key.includes("/")) return bad;
  return problems(key, ['must be a domain-prefixed key (such as "acme.io/foo")']);
}

const errorsOf = (field: string, list: readonly Problem[]): FieldError[] =>
  list.map((problem) => (problem ? invalid(field, problem.value, problem.message) : required(field)));
const messagesOf = (list: readonly Problem[]): string[] => list.map((problem) => problem?.message ?? "must be specified");

/** A name of at least three segments, as `a.example.com`. */
export const validateFullyQualifiedName = (field: string, name: string): FieldError[] => errorsOf(field, fullName(name));
export const isFullyQualifiedName = (name: string): string[] => messagesOf(fullName(name));
/** A domain of at least two segments; one trailing dot is allowed. */
export const validateFullyQualifiedDomainName = (field: string, name: string): FieldError[] => errorsOf(field, fullDomain(name));
export const isFullyQualifiedDomainName = (name: string): string[] => messagesOf(fullDomain(name));
/** `acme.io/foo`, as the names of controllers and signers. */
export const validateDomainPrefixedPath = (field: string, path: string): FieldError[] => errorsOf(field, prefixedPath(path));
export const isDomainPrefixedPath = (path: string): string[] => messagesOf(prefixedPath(path));
/** A label key that must have a prefix. */
export const validateDomainPrefixedKey = (field: string, key: string): FieldError[] => errorsOf(field, prefixedKey(key));
