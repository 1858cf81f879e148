// Names of certificate signers, `example.com/signer-name`. As upstream: ValidateSignerName, pkg/apis/core/validation/names.go.
import { type FieldError, invalid, required, tooLong } from "../../errors/field-error.ts";
import { isDNS1123Label, isDNS1123Subdomain } from "../../meta/names.ts";

const DOMAIN_MAX = 253;
/** A domain, a slash, and a label with a subdomain. */
const NAME_MAX = DOMAIN_MAX + 1 + 253 + 63 + 1;

/** The messages about the first label that is wrong. */
function labelErrors(part: string, check: (label: string) => string[], field: string): FieldError[] {
  const wrong = part.split(".").find((label) => check(label).length > 0);
  if (wrong === undefined) return [];
  return check(wrong).map((message) => invalid(field, part, `validating label ${JSON.stringify(wrong)}: ${message}`));
}
export function validateSignerName(name: string, field: string): FieldError[] {
  if (name === "") return [required(field)];
  const [domain = "", path = "", ...more] = name.split("/");
  if (!name.includes("/") || more.length > 0) {
    return [invalid(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  }
  const errors = domain.length > DOMAIN_MAX ? [tooLong(field, DOMAIN_MAX)] : [];
  errors.push(...labelErrors(domain, isDNS1123Label, field));
  if (!domain.includes(".")) errors.push(invalid(field, domain, "should be a domain with at least two segments separated by dots"));
  errors.push(...labelErrors(path, isDNS1123Subdomain, field));
  return name.length > NAME_MAX ? [...errors, tooLong(field, NAME_MAX)] : errors;
}
