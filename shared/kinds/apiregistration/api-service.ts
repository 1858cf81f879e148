// APIService of apiregistration.k8s.io/v1. As upstream: kube-aggregator pkg/apis/apiregistration/validation/validation.go.
import { type FieldError, invalid, notSupported, required } from "../../errors/field-error.ts";
import { isDNS1035Label, isDNS1123Subdomain, isValidPortNum, nameIsPathSegment } from "../../meta/names.ts";
import { rfc3339 } from "../../meta/time.ts";
import type { APIService, APIServiceStatus } from "../_generated/types.ts";
import { messages } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";

const PORT = 443;
const GROUP_PRIORITY_MAX = 20_000;
const VERSION_PRIORITY_MAX = 1000;

function defaults(object: APIService): void {
  const spec = (object.spec ??= {});
  spec.groupPriorityMinimum ??= 0;
  spec.versionPriority ??= 0;
  if (spec.service) spec.service.port ??= PORT;
}
function validateService(object: APIService): FieldError[] {
  const { service, caBundle = "", insecureSkipTLSVerify: insecure = false } = object.spec ?? {};
  const errors: FieldError[] = [];
  if (!service) {
    // The count is of bytes, of which base64 holds three in four characters.
    const bytes = Math.floor((caBundle.replaceAll("=", "").length * 3) / 4);
    if (bytes > 0) errors.push(invalid("spec.caBundle", `${bytes} bytes`, "local APIServices may not have a caBundle"));
    if (insecure) errors.push(invalid("spec.insecureSkipTLSVerify", insecure, "local APIServices may not have insecureSkipTLSVerify"));
    return errors;
  }
  if (!service.namespace) errors.push(required("spec.service.namespace"));
  if (!service.name) errors.push(required("spec.service.name"));
  const problems = isValidPortNum(service.port ?? 0);
  if (problems.length > 0) errors.push(invalid("spec.service.port", service.port ?? 0, `port is not valid: ${problems.join(", ")}`));
  if (insecure && caBundle !== "") errors.push(invalid("spec.insecureSkipTLSVerify", insecure, "may not be true if caBundle is present"));
  return errors;
}
function validate(object: APIService): FieldError[] {
  const { group = "", version = "", groupPriorityMinimum = 0, versionPriority = 0 } = object.spec ?? {};
  const name = object.metadata?.name ?? "";
  const wanted = `${version}.${group}`;
  const errors: FieldError[] = [];
  if (name !== "" && nameIsPathSegment(name, false).length === 0 && name !== wanted) {
    errors.push(invalid("metadata.name", name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`));
  }
  if (group === "" && version !== "v1") errors.push(required("spec.group", "only v1 may have an empty group and it better be legacy kube"));
  if (group !== "") errors.push(...messages(isDNS1123Subdomain(group), "spec.group", group));
  errors.push(...messages(isDNS1035Label(version), "spec.version", version));
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > GROUP_PRIORITY_MAX) {
    errors.push(invalid("spec.groupPriorityMinimum", groupPriorityMinimum, "must be positive and less than 20000"));
  }
  if (versionPriority <= 0 || versionPriority > VERSION_PRIORITY_MAX) {
    errors.push(invalid("spec.versionPriority", versionPriority, "must be positive and less than 1000"));
  }
  return [...errors, ...validateService(object)];
}
const validateStatus = (status: APIServiceStatus): FieldError[] =>
  (status.conditions ?? []).flatMap(({ status: value = "" }, index) =>
    ["True", "False", "Unknown"].includes(value) ? [] : [notSupported(`status.conditions[${index}].status`, value, ["True", "False", "Unknown"])],
  );
function availableCell(object: APIService): string {
  const condition = object.status?.conditions?.find(({ type }) => type === "Available");
  if (!condition) return "Unknown";
  const status = condition.status ?? "";
  return status !== "True" && condition.reason ? `${status} (${condition.reason})` : status;
}

export const apiServiceKind = defineKind<APIService>("apiregistration.k8s.io/v1/apiservices", {
  nameRule: nameIsPathSegment,
  defaults,
  prepareForCreate(object, context) {
    const local = {
      type: "Available",
      status: "True",
      reason: "Local",
      message: "Local APIServices are always available",
      lastTransitionTime: rfc3339(context.ports.now()),
    };
    object.status = object.spec?.service ? {} : { conditions: [local] };
  },
  validate,
  subresources: { status: statusStrategy((next) => validateStatus(next.status ?? {})) },
  allowUnconditionalUpdate: false,
  table: {
    columns: [NAME, text("Service"), text("Available"), AGE],
    row: (object, now) => {
      const service = object.spec?.service;
      const where = service ? `${service.namespace ?? ""}/${service.name ?? ""}` : "Local";
      return [nameCell(object), where, availableCell(object), ageCell(object, now)];
    },
  },
});
