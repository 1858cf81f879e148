// CSIDriver of storage.k8s.io/v1. As upstream: pkg/apis/storage/validation/validation.go ValidateCSIDriver.
import { type FieldError, duplicate, invalid, notSupported, required, tooLong } from "../../errors/field-error.ts";
import { isDNS1123Subdomain, nameIsDNSSubdomain } from "../../meta/names.ts";
import { byteLength } from "../../meta/text.ts";
import type { CSIDriver, CSIDriverSpec, StorageV1TokenRequest } from "../_generated/types.ts";
import { immutable, messages, oneOf } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, flag, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";

const DRIVER_NAME_BYTES_MAX = 63;
const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;
const MODES = ["Persistent", "Ephemeral"];
const GROUP_POLICIES = ["File", "None", "ReadWriteOnceWithFSType"];
const TOKENS_WARNING =
  "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes";

/** The name of a CSI driver; case does not matter. As upstream: ValidateCSIDriverName of pkg/apis/core/validation. */
export function validateDriverName(name: string, field: string): FieldError[] {
  if (name === "") return [required(field)];
  const errors = byteLength(name) > DRIVER_NAME_BYTES_MAX ? [tooLong(field, DRIVER_NAME_BYTES_MAX)] : [];
  return [...errors, ...messages(isDNS1123Subdomain(name.toLowerCase()), field, name)];
}

function defaults(object: CSIDriver): void {
  const spec = (object.spec ??= {});
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= "ReadWriteOnceWithFSType";
  if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ["Persistent"];
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
  for (const request of spec.tokenRequests ?? []) request.audience ??= "";
}

function validateTokenRequests(requests: readonly StorageV1TokenRequest[], field: string): FieldError[] {
  const seen = new Set<string>();
  return requests.flatMap(({ audience = "", expirationSeconds: seconds }, index) => {
    const path = `${field}[${index}]`;
    if (seen.has(audience)) return [duplicate(`${path}.audience`, audience)];
    seen.add(audience);
    if (seconds !== undefined && seconds < TOKEN_SECONDS_MIN) {
      return [invalid(`${path}.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes")];
    }
    return seconds !== undefined && seconds > TOKEN_SECONDS_MAX
      ? [invalid(`${path}.expirationSeconds`, seconds, "may not specify a duration larger than 2^32 seconds")]
      : [];
  });
}
function validateSpec(spec: CSIDriverSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ["attachRequired", "podInfoOnMount", "storageCapacity"] as const) {
    if (spec[name] === undefined) errors.push(required(name === "attachRequired" ? "spec.attachedRequired" : `spec.${name}`));
  }
  if (spec.fsGroupPolicy === undefined) errors.push(required("spec.fsGroupPolicy"));
  else errors.push(...oneOf(spec.fsGroupPolicy, GROUP_POLICIES, "spec.fsGroupPolicy"));
  errors.push(...validateTokenRequests(spec.tokenRequests ?? [], "spec.tokenRequests"));
  for (const mode of spec.volumeLifecycleModes ?? []) {
    if (!MODES.includes(mode)) errors.push(notSupported("spec.volumeLifecycleModes", mode, MODES));
  }
  if (spec.seLinuxMount === undefined) errors.push(required("spec.seLinuxMount"));
  return errors;
}

export const csiDriverKind = defineKind<CSIDriver>("storage.k8s.io/v1/csidrivers", {
  nameRule: nameIsDNSSubdomain,
  defaults,
  validate: (object) => validateSpec(object.spec ?? {}),
  update: {
    validate: (next, stored) => [
      ...validateSpec(next.spec ?? {}),
      // The misspelt field is upstream's.
      ...immutable(next.spec?.attachRequired, stored.spec?.attachRequired, "spec.attachedRequired"),
      ...immutable(next.spec?.volumeLifecycleModes, stored.spec?.volumeLifecycleModes, "spec.volumeLifecycleModes"),
    ],
  },
  warnings: ({ spec }) =>
    (spec?.tokenRequests?.length ?? 0) > 0 && (spec as { serviceAccountTokenInSecrets?: boolean }).serviceAccountTokenInSecrets === undefined
      ? [TOKENS_WARNING]
      : [],
  allowUnconditionalUpdate: false,
  deleteReturnsObject: true,
  table: {
    columns: [
      NAME,
      flag("AttachRequired"),
      flag("PodInfoOnMount"),
      flag("StorageCapacity"),
      text("TokenRequests"),
      flag("RequiresRepublish"),
      text("Modes"),
      AGE,
    ],
    row(object, now) {
      const spec = object.spec ?? {};
      return [
        nameCell(object),
        spec.attachRequired ?? true,
        spec.podInfoOnMount ?? false,
        spec.storageCapacity ?? false,
        spec.tokenRequests?.length ? spec.tokenRequests.map(({ audience }) => audience ?? "").join(",") : "<unset>",
        spec.requiresRepublish ?? false,
        spec.volumeLifecycleModes?.join(",") || "<none>",
        ageCell(object, now),
      ];
    },
  },
});
