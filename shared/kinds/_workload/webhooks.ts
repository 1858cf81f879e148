// Webhooks of both kinds of webhook configuration. As upstream: validateMutatingWebhook,
// pkg/apis/admissionregistration/validation/validation.go; k8s.io/apiserver pkg/util/webhook/validation.go.
import { equalJson } from "../../base/json.ts";
import { type FieldError, duplicate, invalid, notSupported, required } from "../../errors/field-error.ts";
import { validateLabelSelector } from "../../meta/labels.ts";
import { isDNS1035Label, isDNS1123Subdomain, isValidPortNum, validateFullyQualifiedName } from "../../meta/names.ts";
import type { MutatingWebhook, ServiceReference } from "../_generated/types.ts";
import {
  defaultMatch,
  defaultRules,
  FAILURE_POLICIES,
  MATCH_POLICIES,
  REINVOCATION_POLICIES,
  validateMatchConditions,
  validateRuleWithOperations,
} from "./admission-rules.ts";
import { messages, oneOf } from "./checks.ts";

const PORT = 443;
const TIMEOUT_SECONDS = 10;
const TIMEOUT_SECONDS_MAX = 30;
const REVIEW_VERSIONS = ["v1", "v1beta1"];
const SIDE_EFFECTS = ["None", "NoneOnDryRun"];
const FORM = "; desired format: https://host[/path]";

/** A validating webhook is a mutating one without a reinvocation policy. */
export function defaultWebhook(hook: MutatingWebhook): void {
  hook.name ??= "";
  hook.failurePolicy ??= "Fail";
  defaultMatch(hook);
  hook.timeoutSeconds ??= TIMEOUT_SECONDS;
  defaultRules(hook.rules);
  const service = (hook.clientConfig ??= {}).service;
  if (service) service.port ??= PORT;
}

/** Why Go's url.Parse refuses a text, in its words. */
function urlProblem(url: string): string | undefined {
  if (url.startsWith(":")) return "missing protocol scheme";
  const at = url.search(/%(?![0-9A-Fa-f]{2})/);
  return at < 0 ? undefined : `invalid URL escape ${JSON.stringify(url.slice(at, at + 3))}`;
}
/** Scheme, user, host, query and fragment of a URL, found as Go's url.Parse finds them. */
const URL_PARTS = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s;
export function validateWebhookURL(url: string, field: string): FieldError[] {
  const problem = urlProblem(url);
  if (problem !== undefined) return [required(field, `url must be a valid URL: parse ${JSON.stringify(url)}: ${problem}${FORM}`)];
  const [, scheme = "", user, host = "", query = "", fragment = ""] = URL_PARTS.exec(url) ?? [];
  const errors: FieldError[] = [];
  if (scheme.toLowerCase() !== "https") errors.push(invalid(field, scheme.toLowerCase(), `'https' is the only allowed URL scheme${FORM}`));
  if (host === "") errors.push(invalid(field, host, `host must be specified${FORM}`));
  if (user !== undefined) errors.push(invalid(field, user, "user information is not permitted in the URL"));
  if (fragment !== "") errors.push(invalid(field, fragment, "fragments are not permitted in the URL"));
  if (query !== "") errors.push(invalid(field, query, "query parameters are not permitted in the URL"));
  return errors;
}
function validatePath(path: string, field: string): FieldError[] {
  if (path === "" || path === "/") return [];
  if (path === "//") return [invalid(field, path, "segment[0] may not be empty")];
  const errors = path.startsWith("/") ? [] : [invalid(field, path, "must start with a '/'")];
  const steps = path.slice(1).replace(/\/$/, "").split("/");
  steps.forEach((step, index) => {
    if (step === "") errors.push(invalid(field, path, `segment[${index}] may not be empty`));
    else for (const message of isDNS1123Subdomain(step)) errors.push(invalid(field, path, `segment[${index}]: ${message}`));
  });
  return errors;
}
/** Upstream's webhook configurations hand over name and namespace the wrong way round; so their paths are swapped. */
export function validateWebhookService(service: ServiceReference, options: { swapped: boolean }, field: string): FieldError[] {
  const { name = "", namespace = "", port = 0, path } = service;
  const [first, second] = options.swapped ? [namespace, name] : [name, namespace];
  const errors: FieldError[] = [];
  if (first === "") errors.push(required(`${field}.name`));
  if (second === "") errors.push(required(`${field}.namespace`));
  const problems = isValidPortNum(port);
  if (problems.length > 0) errors.push(invalid(`${field}.port`, port, `port is not valid: ${problems.join(", ")}`));
  return path === undefined ? errors : [...errors, ...validatePath(path, `${field}.path`)];
}
function validateClient(hook: MutatingWebhook, field: string): FieldError[] {
  const { url, service } = hook.clientConfig ?? {};
  if ((url === undefined) === (service === undefined)) return [required(field, "exactly one of url or service is required")];
  if (url !== undefined) return validateWebhookURL(url, `${field}.url`);
  return service ? validateWebhookService(service, { swapped: true }, `${field}.service`) : [];
}

function validateReviewVersions(versions: readonly string[], field: string): FieldError[] {
  if (versions.length === 0) return [required(field, `must specify one of ${REVIEW_VERSIONS.join(", ")}`)];
  const seen = new Set<string>();
  const errors = versions.flatMap((version, index) => {
    const path = `${field}[${index}]`;
    if (seen.has(version)) return [invalid(path, version, "duplicate version")];
    seen.add(version);
    return messages(isDNS1035Label(version), path, version);
  });
  if (REVIEW_VERSIONS.some((version) => seen.has(version))) return errors;
  return [...errors, invalid(field, [...versions], `must include at least one of ${REVIEW_VERSIONS.join(", ")}`)];
}

function validateWebhook(hook: MutatingWebhook, field: string): FieldError[] {
  const { timeoutSeconds: timeout } = hook;
  const sideEffects = hook.sideEffects ?? undefined;
  const errors = [
    ...validateFullyQualifiedName(`${field}.name`, hook.name ?? ""),
    ...(hook.rules ?? []).flatMap((rule, index) => validateRuleWithOperations(rule, `${field}.rules[${index}]`)),
  ];
  if (hook.failurePolicy !== undefined) errors.push(...oneOf(hook.failurePolicy, FAILURE_POLICIES, `${field}.failurePolicy`));
  if (hook.matchPolicy !== undefined) errors.push(...oneOf(hook.matchPolicy, MATCH_POLICIES, `${field}.matchPolicy`));
  if (sideEffects === undefined) errors.push(required(`${field}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(", ")}`));
  else if (!SIDE_EFFECTS.includes(sideEffects)) errors.push(notSupported(`${field}.sideEffects`, sideEffects, SIDE_EFFECTS));
  if (timeout !== undefined && (timeout < 1 || timeout > TIMEOUT_SECONDS_MAX)) {
    errors.push(invalid(`${field}.timeoutSeconds`, timeout, `the timeout value must be between 1 and ${TIMEOUT_SECONDS_MAX} seconds`));
  }
  errors.push(...validateLabelSelector(hook.namespaceSelector, {}, `${field}.namespaceSelector`));
  errors.push(...validateLabelSelector(hook.objectSelector, {}, `${field}.objectSelector`));
  if (hook.reinvocationPolicy !== undefined) {
    errors.push(...oneOf(hook.reinvocationPolicy, REINVOCATION_POLICIES, `${field}.reinvocationPolicy`));
  }
  return [...errors, ...validateClient(hook, `${field}.clientConfig`)];
}
/** Match conditions that are as stored are not looked at again. */
export function validateWebhooks(hooks: readonly MutatingWebhook[], stored?: readonly MutatingWebhook[]): FieldError[] {
  const conditionsOf = (list: readonly MutatingWebhook[]): unknown => list.map((hook) => hook.matchConditions ?? []);
  const kept = stored !== undefined && equalJson(conditionsOf(hooks), conditionsOf(stored));
  const names = new Set<string>();
  return hooks.flatMap((hook, index) => {
    const field = `webhooks[${index}]`;
    const name = hook.name ?? "";
    const errors = validateWebhook(hook, field);
    if (!kept) errors.push(...validateMatchConditions(hook.matchConditions ?? [], `${field}.matchConditions`));
    errors.push(...validateReviewVersions(hook.admissionReviewVersions ?? [], `${field}.admissionReviewVersions`));
    if (name !== "" && names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
    return errors;
  });
}
