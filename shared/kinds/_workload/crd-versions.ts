// Versions and conversion of a CustomResourceDefinition; schemas are checked elsewhere.
// As upstream: k8s.io/apiextensions-apiserver pkg/apis/apiextensions/validation/validation.go.
import { equalJson, type Json } from "../../base/json.ts";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../errors/field-error.ts";
import { isDNS1035Label } from "../../meta/names.ts";
import type { CustomResourceConversion, CustomResourceDefinitionSpec, CustomResourceDefinitionVersion as Version } from "../_generated/types.ts";
import { validateColumn, validateSubresources } from "./crd-names.ts";
import { versionValue } from "./crd-value.ts";
import { validateWebhookService, validateWebhookURL } from "./webhooks.ts";

const REVIEW_VERSIONS = ["v1", "v1beta1"];
const WARNING_MAX = 256;

type Shared = "schema" | "subresources" | "additionalPrinterColumns" | "selectableFields";
/** Inside the server, what all versions have in common stands once, at the top: messages name that place. */
export function isHoisted(versions: readonly Version[], member: Shared): boolean {
  const first = versions[0]?.[member];
  return first !== undefined && versions.every((version) => equalJson(version[member], first));
}

function validateWarning({ deprecated, deprecationWarning: text }: Version, field: string): FieldError[] {
  if (text === undefined) return [];
  if (deprecated !== true) return [invalid(field, text, "can only be set for deprecated versions")];
  if (text === "") return [invalid(field, text, "must not be an empty string")];
  return text.length > WARNING_MAX ? [invalid(field, text, `must be <= ${WARNING_MAX} characters long`)] : [];
}
function validateVersion(version: Version, versions: readonly Version[], field: string): FieldError[] {
  const name = version.name ?? "";
  const problems = isDNS1035Label(name);
  const errors = problems.length > 0 ? [invalid(`${field}.name`, name, problems.join(","))] : [];
  errors.push(...validateWarning(version, `${field}.deprecationWarning`));
  if (!isHoisted(versions, "subresources")) errors.push(...validateSubresources(version.subresources, `${field}.subresources`));
  if (isHoisted(versions, "additionalPrinterColumns")) return errors;
  const columns = version.additionalPrinterColumns ?? [];
  return [...errors, ...columns.flatMap((column, index) => validateColumn(column, `${field}.additionalPrinterColumns[${index}]`))];
}
const SHARED = ["schema", "subresources", "additionalPrinterColumns", "selectableFields"] as const;
/** As Go prints the versions: without what was lifted to the top. */
function shown(versions: readonly Version[] | undefined): Json | undefined {
  const lifted = SHARED.filter((member) => isHoisted(versions ?? [], member));
  return versions?.map((version) => versionValue({ ...version, ...Object.fromEntries(lifted.map((member) => [member, undefined])) }));
}

export function validateVersions(spec: CustomResourceDefinitionSpec, field: string): FieldError[] {
  const versions = spec.versions ?? [];
  const path = `${field}.versions`;
  const errors: FieldError[] = versions.flatMap((version, index) =>
    version.schema?.openAPIV3Schema ? [] : [required(`${path}[${index}].schema.openAPIV3Schema`)],
  );
  errors.push(...versions.flatMap((version, index) => validateVersion(version, versions, `${path}[${index}]`)));
  const names = new Set(versions.map((version) => version.name ?? ""));
  if (names.size < versions.length) errors.push(invalid(path, shown(versions), "must contain unique version names"));
  if (versions.filter((version) => version.storage === true).length !== 1) {
    errors.push(invalid(path, shown(spec.versions), "must have exactly one version marked as storage version"));
  }
  const first = versions[0];
  const problems = first ? isDNS1035Label(first.name ?? "") : [];
  if (first?.name && problems.length > 0) errors.push(invalid(`${field}.version`, first.name, problems.join(",")));
  return errors;
}
/** What was lifted to the top is checked there. */
export function validateHoisted(spec: CustomResourceDefinitionSpec, field: string): FieldError[] {
  const versions = spec.versions ?? [];
  const [first] = versions;
  const columns = isHoisted(versions, "additionalPrinterColumns") ? (first?.additionalPrinterColumns ?? []) : [];
  return [
    ...(isHoisted(versions, "subresources") ? validateSubresources(first?.subresources, `${field}.subresources`) : []),
    ...columns.flatMap((column, index) => validateColumn(column, `${field}.additionalPrinterColumns[${index}]`)),
  ];
}

function validateReviewVersions(versions: readonly string[], field: string): FieldError[] {
  if (versions.length === 0) return [required(field)];
  const seen = new Set<string>();
  const errors = versions.flatMap((version, index) => {
    const path = `${field}[${index}]`;
    if (seen.has(version)) return [invalid(path, version, "duplicate version")];
    seen.add(version);
    return isDNS1035Label(version).map((message) => invalid(path, version, message));
  });
  if (REVIEW_VERSIONS.some((version) => seen.has(version))) return errors;
  return [...errors, invalid(field, [...versions], `must include at least one of ${REVIEW_VERSIONS.join(", ")}`)];
}
/** The fields named are those of the server's internal form, in which webhook is no level of its own. */
export function validateConversion(conversion: CustomResourceConversion | undefined, field: string): FieldError[] {
  if (!conversion) return [];
  const { strategy = "", webhook } = conversion;
  const client = `${field}.webhookClientConfig`;
  const errors: FieldError[] = [];
  if (strategy === "") errors.push(required(`${field}.strategy`));
  else if (strategy !== "None" && strategy !== "Webhook") errors.push(notSupported(`${field}.strategy`, strategy, ["None", "Webhook"]));
  if (strategy !== "Webhook") {
    const unwanted = "should not be set when strategy is not set to Webhook";
    if (webhook?.clientConfig) errors.push(forbidden(client, unwanted));
    if (webhook?.conversionReviewVersions?.length) errors.push(forbidden(`${field}.conversionReviewVersions`, unwanted));
    return errors;
  }
  const { url, service } = webhook?.clientConfig ?? {};
  if (!webhook?.clientConfig) errors.push(required(client, "required when strategy is set to Webhook"));
  else if ((url === undefined) === (service === undefined)) errors.push(required(client, "exactly one of url or service is required"));
  else if (url !== undefined) errors.push(...validateWebhookURL(url, `${client}.url`));
  else if (service) errors.push(...validateWebhookService(service, { swapped: true }, `${client}.service`));
  return [...errors, ...validateReviewVersions(webhook?.conversionReviewVersions ?? [], `${field}.conversionReviewVersions`)];
}
