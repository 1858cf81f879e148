// CertificateSigningRequest of certificates.k8s.io/v1. As upstream: pkg/apis/certificates/validation/validation.go,
// pkg/registry/certificates/certificates/strategy.go.
import { equalJson } from "../../base/json.ts";
import { type FieldError, duplicate, forbidden, invalid, notSupported, required } from "../../errors/field-error.ts";
import { validateSignerName } from "../_workload/signer-name.ts";
import { humanDuration, rfc3339 } from "../../meta/time.ts";
import type { CertificateSigningRequest, CertificateSigningRequestCondition as Condition, CertificateSigningRequestSpec } from "../_generated/types.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { defineKind, type UpdateStrategy, type WriteContext } from "../define-kind.ts";

const EXPIRATION_SECONDS_MIN = 600;
const LEGACY_SIGNER = "kubernetes.io/legacy-unknown";
const DECISIONS = ["Approved", "Denied"];
const FINAL = [...DECISIONS, "Failed"];
const CONDITIONS = "status.conditions";
const CERTIFICATE = "status.certificate";
const USAGES = [
  ..."any,cert sign,client auth,code signing,content commitment,crl sign,data encipherment,decipher only,digital signature".split(","),
  ..."email protection,encipher only,ipsec end system,ipsec tunnel,ipsec user,key agreement,key encipherment,microsoft sgc".split(","),
  ..."netscape sgc,ocsp signing,s/mime,server auth,signing,timestamping".split(","),
];

/** The PEM text in base64, or undefined when it is none. Its ASN.1 content and signature are not looked at. */
function pemText(base64: string): string | undefined {
  try {
    return atob(base64);
  } catch {
    return undefined;
  }
}
const isRequest = (base64: string): boolean => pemText(base64)?.includes("-----BEGIN CERTIFICATE REQUEST-----") ?? false;
const isCertificate = (base64: string): boolean => pemText(base64)?.includes("-----BEGIN CERTIFICATE-----") ?? false;

function validateSpec(spec: CertificateSigningRequestSpec, stored: CertificateSigningRequestSpec | undefined): FieldError[] {
  const { request, usages = [], signerName = "", expirationSeconds } = spec;
  const errors: FieldError[] = [];
  if (!isRequest(request ?? "")) errors.push(invalid("spec.request", request, "PEM block type must be CERTIFICATE REQUEST"));
  if (usages.length === 0) errors.push(required("spec.usages"));
  const seen = new Set<string>();
  // What a stored object already has is tolerated.
  if (!stored || !equalJson(stored.usages, usages)) {
    usages.forEach((usage, index) => {
      if (!USAGES.includes(usage)) errors.push(notSupported(`spec.usages[${index}]`, usage, USAGES));
    });
    usages.forEach((usage, index) => {
      if (seen.has(usage)) errors.push(duplicate(`spec.usages[${index}]`, usage));
      seen.add(usage);
    });
  }
  if (signerName === LEGACY_SIGNER && !stored) {
    errors.push(invalid("spec.signerName", signerName, "the legacy signerName is not allowed via this API version"));
  } else errors.push(...validateSignerName(signerName, "spec.signerName"));
  if (expirationSeconds !== undefined && expirationSeconds < EXPIRATION_SECONDS_MIN) {
    errors.push(invalid("spec.expirationSeconds", expirationSeconds, "may not specify a duration less than 600 seconds (10 minutes)"));
  }
  return errors;
}
function validateConditions(conditions: readonly Condition[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  conditions.forEach(({ type = "", status = "" }, index) => {
    const field = `${CONDITIONS}[${index}]`;
    const allowed = FINAL.includes(type) ? ["True"] : ["False", "True", "Unknown"];
    if (type === "") errors.push(required(`${field}.type`));
    if (status === "") errors.push(required(`${field}.status`));
    else if (!allowed.includes(status)) errors.push(notSupported(`${field}.status`, status, allowed));
    const opposite = DECISIONS.find((decision) => decision !== type);
    if (DECISIONS.includes(type) && opposite !== undefined && seen.has(opposite)) {
      errors.push(invalid(CONDITIONS, type, "Approved and Denied conditions are mutually exclusive"));
    }
    if (seen.has(type)) errors.push(duplicate(`${field}.type`, type));
    seen.add(type);
  });
  return errors;
}
/** `via` says what the request may set: decisions at approval, the certificate at status, nothing else anywhere. */
function validateUpdate(next: CertificateSigningRequest, stored: CertificateSigningRequest, via: "main" | "status" | "approval"): FieldError[] {
  const [conditions, before] = [next.status?.conditions ?? [], stored.status?.conditions ?? []];
  const errors = [...validateSpec(next.spec ?? {}, stored.spec ?? {}), ...validateConditions(conditions)];
  const certificate = next.status?.certificate ?? "";
  const storedCertificate = stored.status?.certificate ?? "";
  if (certificate !== "" && certificate !== storedCertificate && !isCertificate(certificate)) {
    errors.push(invalid(CERTIFICATE, "<certificate data>", "must contain at least one CERTIFICATE PEM block"));
  }
  const of = (list: readonly Condition[], type: string): Condition[] => list.filter((condition) => condition.type === type);
  for (const type of FINAL) {
    if (of(conditions, type).length < of(before, type).length) {
      errors.push(forbidden(CONDITIONS, `updates may not remove a condition of type "${type}"`));
    }
  }
  if (via !== "approval") {
    for (const type of DECISIONS) {
      const [now, then] = [of(conditions, type), of(before, type)];
      if (now.length > then.length) errors.push(forbidden(CONDITIONS, `updates may not add a condition of type "${type}"`));
      else if (now.length === then.length && !equalJson(now, then)) {
        errors.push(forbidden(CONDITIONS, `updates may not modify a condition of type "${type}"`));
      }
    }
  }
  if (certificate === storedCertificate) return errors;
  if (via !== "status") errors.push(forbidden(CERTIFICATE, "updates may not set certificate content"));
  else if (storedCertificate !== "") errors.push(forbidden(CERTIFICATE, "updates may not modify existing certificate content"));
  return errors;
}

function fillTimes(next: CertificateSigningRequest, stored: CertificateSigningRequest, context: WriteContext): void {
  const now = rfc3339(context.ports.now());
  for (const condition of next.status?.conditions ?? []) {
    condition.lastUpdateTime ??= now;
    const same = stored.status?.conditions?.find(({ type, status }) => type === condition.type && status === condition.status);
    condition.lastTransitionTime ??= same?.lastTransitionTime ?? now;
  }
}
function keepSpec(next: CertificateSigningRequest, stored: CertificateSigningRequest): void {
  if (stored.spec) next.spec = stored.spec;
  else delete next.spec;
}
const status: UpdateStrategy<CertificateSigningRequest> = {
  prepare(next, stored, context) {
    keepSpec(next, stored);
    const before = stored.status?.conditions ?? [];
    const conditions = next.status?.conditions ?? [];
    for (const type of DECISIONS) {
      const kept = before.filter((condition) => condition.type === type);
      if (conditions.filter((condition) => condition.type === type).length !== kept.length) continue;
      conditions.forEach((condition, index) => {
        if (condition.type === type) conditions[index] = kept.shift() ?? condition;
      });
    }
    fillTimes(next, stored, context);
  },
  validate: (next, stored) => validateUpdate(next, stored, "status"),
};
const approval: UpdateStrategy<CertificateSigningRequest> = {
  prepare(next, stored, context) {
    fillTimes(next, stored, context);
    const conditions = next.status?.conditions;
    keepSpec(next, stored);
    const { conditions: _, ...rest } = stored.status ?? {};
    next.status = { ...rest, ...(conditions ? { conditions } : {}) };
  },
  validate: (next, stored) => validateUpdate(next, stored, "approval"),
};

function stateCell({ status: state = {} }: CertificateSigningRequest): string {
  const has = (type: string): boolean => state.conditions?.some((condition) => condition.type === type) ?? false;
  const decision = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending";
  return `${decision}${has("Failed") ? ",Failed" : ""}${state.certificate ? ",Issued" : ""}`;
}

export const certificateSigningRequestKind = defineKind<CertificateSigningRequest>("certificates.k8s.io/v1/certificatesigningrequests", {
  nameRule: () => [],
  defaults(object) {
    object.spec ??= {};
    object.spec.signerName ??= "";
  },
  prepareForCreate(object, context) {
    const { request, signerName, usages, expirationSeconds } = object.spec ?? {};
    object.spec = {
      ...(request === undefined ? {} : { request }),
      ...(signerName === undefined ? {} : { signerName }),
      ...(usages === undefined ? {} : { usages }),
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
      username: context.user.username,
      groups: [...context.user.groups],
    };
    object.status = {};
  },
  validate: (object) => validateSpec(object.spec ?? {}, undefined),
  update: {
    prepare: keepSpec,
    validate: (next, stored) => validateUpdate(next, stored, "main"),
  },
  subresources: { status, approval },
  selectableFields: { "spec.signerName": (object) => object.spec?.signerName ?? "" },
  table: {
    columns: [NAME, AGE, ...["SignerName", "Requestor", "RequestedDuration", "Condition"].map(text)],
    row(object, now) {
      const { signerName, username, expirationSeconds: seconds } = object.spec ?? {};
      return [
        nameCell(object),
        ageCell(object, now),
        signerName || "<none>",
        username ?? "",
        seconds === undefined ? "<none>" : humanDuration(seconds * 1000),
        stateCell(object),
      ];
    },
  },
});
