// What names, label keys, ports and the like must look like; each check answers the messages that Kubernetes gives.
// Texts and rules: k8s.io/apimachinery pkg/util/validation/validation.go and pkg/api/validate/content.
import { byteLength } from "./text.ts";

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const DNS1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const WILDCARD = `\\*\\.${SUBDOMAIN}`;
const LABEL_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE = `(${LABEL_KEY})?`;
const C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*";
const ENV_NAME = "[-._a-zA-Z][-._a-zA-Z0-9]*";
const CONFIG_KEY = "[-._a-zA-Z0-9]+";
const HEADER = "[-A-Za-z0-9]+";
const PERCENT = "[0-9]+%";
const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

const whole = (source: string): RegExp => new RegExp(`^(?:${source})$`);
const RE = {
  label: whole(LABEL),
  subdomain: whole(SUBDOMAIN),
  dns1035: whole(DNS1035),
  wildcard: whole(WILDCARD),
  labelKey: /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
  cIdentifier: whole(C_IDENTIFIER),
  envName: whole(ENV_NAME),
  configKey: whole(CONFIG_KEY),
  header: whole(HEADER),
  percent: whole(PERCENT),
  httpPath: whole(HTTP_PATH),
};

const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const DNS1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const WILDCARD_TEXT =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
const LABEL_KEY_TEXT = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const C_IDENTIFIER_TEXT = "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'";
const ENV_NAME_TEXT = "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit";

/** The sentence about a broken pattern, with examples, as every message of this file is built. */
export function patternText(text: string, pattern: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${text} (regex used for validation is '${pattern}')`;
  return `${text} (e.g. ${examples.map((example) => `'${example}', `).join(" or ")}regex used for validation is '${pattern}')`;
}
const maxCharacters = (max: number): string => `must be no more than ${max} characters`;
const maxBytes = (max: number): string => `must be no more than ${max} bytes`;
const EMPTY = "must be non-empty";

export function isDNS1123Label(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 63) errors.push(maxCharacters(63));
  if (!RE.label.test(value)) {
    errors.push(RE.subdomain.test(value) ? "must not contain dots" : patternText(LABEL_TEXT, LABEL, "my-name", "123-abc"));
  }
  return errors;
}
export function isDNS1123Subdomain(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 253) errors.push(maxCharacters(253));
  if (!RE.subdomain.test(value)) errors.push(patternText(SUBDOMAIN_TEXT, SUBDOMAIN, "example.com"));
  return errors;
}
export function isDNS1035Label(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 63) errors.push(maxCharacters(63));
  if (!RE.dns1035.test(value)) errors.push(patternText(DNS1035_TEXT, DNS1035, "my-name", "abc-123"));
  return errors;
}
export function isWildcardDNS1123Subdomain(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 253) errors.push(maxCharacters(253));
  if (!RE.wildcard.test(value)) errors.push(patternText(WILDCARD_TEXT, WILDCARD, "*.example.com"));
  return errors;
}

/** Label and annotation keys, taint keys, finalizers, resource names: an optional DNS prefix, a slash, a name. */
export function isQualifiedName(value: string): string[] {
  const errors: string[] = [];
  const parts = value.split("/");
  if (parts.length > 2) {
    const text = patternText(LABEL_KEY_TEXT, LABEL_KEY, "MyName", "my.name", "123-abc");
    return [`a valid label key ${text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const name = parts.at(-1) ?? "";
  if (parts.length === 2) {
    const prefix = parts[0] ?? "";
    if (prefix === "") errors.push(`prefix part ${EMPTY}`);
    else errors.push(...subdomainInBytes(prefix).map((text) => `prefix part ${text}`));
  }
  if (name === "") errors.push(`name part ${EMPTY}`);
  else if (byteLength(name) > 63) errors.push(`name part ${maxBytes(63)}`);
  if (!RE.labelKey.test(name)) errors.push(`name part ${patternText(LABEL_KEY_TEXT, LABEL_KEY, "MyName", "my.name", "123-abc")}`);
  return errors;
}
/** The newer copy of the check counts bytes in its message; label keys use that one. */
const subdomainInBytes = (value: string): string[] => isDNS1123Subdomain(value).map((text) => (text === maxCharacters(253) ? maxBytes(253) : text));

export function isValidLabelValue(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 63) errors.push(maxBytes(63));
  if (value !== "" && !RE.labelKey.test(value)) {
    errors.push(patternText(LABEL_VALUE_TEXT, LABEL_VALUE, "MyValue", "my_value", "12345"));
  }
  return errors;
}
export const isCIdentifier = (value: string): string[] =>
  RE.cIdentifier.test(value) ? [] : [patternText(C_IDENTIFIER_TEXT, C_IDENTIFIER, "my_name", "MY_NAME", "MyName")];

function dotPrefix(value: string): string[] {
  if (value === ".") return ["must not be '.'"];
  if (value === "..") return ["must not be '..'"];
  return value.startsWith("..") ? ["must not start with '..'"] : [];
}
export function isConfigMapKey(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 253) errors.push(maxCharacters(253));
  if (!RE.configKey.test(value)) {
    const text = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    errors.push(patternText(text, CONFIG_KEY, "key.name", "KEY_NAME", "key-name"));
  }
  return [...errors, ...dotPrefix(value)];
}
export function isEnvVarName(value: string): string[] {
  const errors = RE.envName.test(value) ? [] : [patternText(ENV_NAME_TEXT, ENV_NAME, "my.env-name", "MY_ENV.NAME", "MyEnvName1")];
  return [...errors, ...dotPrefix(value)];
}
export function isRelaxedEnvVarName(value: string): string[] {
  const errors: string[] = [];
  if (value === "") errors.push(`environment variable name ${EMPTY}`);
  if (!/^[ -<>-~]*$/.test(value)) {
    errors.push("a valid environment variable name must consist only of printable ASCII characters other than '='");
  }
  return errors;
}
export const isHTTPHeaderName = (value: string): string[] =>
  RE.header.test(value) ? [] : [patternText("a valid HTTP header must consist of alphanumeric characters or '-'", HEADER, "X-Header-Name")];

export const isInRange = (value: number, min: number, max: number): string[] =>
  value >= min && value <= max ? [] : [`must be between ${min} and ${max}, inclusive`];
export const isValidPortNum = (port: number): string[] => isInRange(port, 1, 65_535);
export function isValidPortName(port: string): string[] {
  const errors: string[] = [];
  if (byteLength(port) > 15) errors.push(maxCharacters(15));
  if (!/^[-a-z0-9]+$/.test(port)) errors.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(port)) errors.push("must contain at least one letter (a-z)");
  if (port.includes("--")) errors.push("must not contain consecutive hyphens");
  if (port.startsWith("-") || port.endsWith("-")) errors.push("must not begin or end with a hyphen");
  return errors;
}
export const isPercent = (value: string): string[] =>
  RE.percent.test(value) ? [] : [patternText("a valid percent string must be a numeric string followed by an ending '%'", PERCENT, "1%", "93%")];

/** Users and groups of containers: any non-negative int32. */
export const isValidUserID = (id: number): string[] => isInRange(id, 0, 2_147_483_647);
export const isValidGroupID = isValidUserID;

export function isValidPathSegmentName(name: string): string[] {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return isValidPathSegmentPrefix(name);
}
export const isValidPathSegmentPrefix = (name: string): string[] => ["/", "%"].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);

export const isHTTPPath = (path: string): string[] => (RE.httpPath.test(path) ? [] : [patternText("Invalid path", HTTP_PATH)]);

/** A name that will get a random suffix may end in a dash; upstream replaces the last two characters by an `a`. */
const maskTrailingDash = (name: string): string => (name.length > 1 && name.endsWith("-") ? `${name.slice(0, -2)}a` : name);

// Rules for Kind.nameRule, as k8s.io/apimachinery pkg/api/validation/generic.go; `prefix` says it is a generateName.
export const nameIsDNSSubdomain = (name: string, prefix: boolean): string[] => isDNS1123Subdomain(prefix ? maskTrailingDash(name) : name);
/** The same rule where newer code checks it, which counts bytes in its message (DeviceClass, ReplicationController). */
export const nameIsLongName = (name: string, prefix: boolean): string[] => (prefix ? [] : subdomainInBytes(name));
export const nameIsDNSLabel = (name: string, prefix: boolean): string[] => isDNS1123Label(prefix ? maskTrailingDash(name) : name);
export const nameIsDNS1035Label = (name: string, prefix: boolean): string[] => isDNS1035Label(prefix ? maskTrailingDash(name) : name);
export const nameIsPathSegment = (name: string, prefix: boolean): string[] => (prefix ? isValidPathSegmentPrefix(name) : isValidPathSegmentName(name));
