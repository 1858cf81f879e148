// Annotations that mean something to pods: seccomp and AppArmor of old, mirror pods, deletion cost (upstream: validation.go).
import { forbidden, invalid, type FieldError } from "../../errors/field-error.ts";
import type { AppArmorProfile, ObjectMeta, PodSpec, SeccompProfile } from "../_generated/types.ts";
import { checkDescendingPath, type Errors } from "./check.ts";
import { eachContainer, everyContainer } from "./containers.ts";
import { badDeletionCost, type PodRules } from "./pod-rules.ts";

export const MIRROR_POD = "kubernetes.io/config.mirror";
export const APPARMOR_PREFIX = "container.apparmor.security.beta.kubernetes.io/";
export const SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";
export const SECCOMP_PREFIX = "container.seccomp.security.alpha.kubernetes.io/";
const LOCALHOST = "localhost/";
const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

function checkSeccompText(errors: Errors, field: string, profile: string): void {
  if (["runtime/default", "docker/default", "unconfined"].includes(profile)) return;
  if (profile.startsWith(LOCALHOST)) checkDescendingPath(errors, field, profile.slice(LOCALHOST.length));
  else errors.push(invalid(field, profile, "must be a valid seccomp profile"));
}
/** As upstream ValidatePodSpecificAnnotations. `field` is that of the annotations. */
export function checkPodAnnotations(errors: Errors, field: string, metadata: ObjectMeta | undefined, spec: PodSpec, rules: PodRules): void {
  const annotations = metadata?.annotations;
  if (!annotations) return;
  const mirror = annotations[MIRROR_POD];
  if (mirror !== undefined && !spec.nodeName) {
    errors.push(invalid(`${field}[${MIRROR_POD}]`, mirror, "must set spec.nodeName if mirror pod annotation is set"));
  }
  const cost = rules.anyDeletionCost ? undefined : badDeletionCost(metadata);
  if (cost !== undefined) errors.push(invalid(`${field}[${DELETION_COST}]`, cost, "must be a 32bit integer"));
  for (const [key, value] of Object.entries(annotations)) {
    if (key === SECCOMP_POD || key.startsWith(SECCOMP_PREFIX)) checkSeccompText(errors, `${field}.${key}`, value);
  }
  for (const [key, value] of Object.entries(annotations)) {
    if (!key.startsWith(APPARMOR_PREFIX)) continue;
    const name = key.slice(APPARMOR_PREFIX.length);
    const known = everyContainer(spec).some((container) => container.name === name);
    if (!known) errors.push(invalid(`${field}[${key}]`, name, "container not found"));
    if (value === "" || value === "runtime/default" || value === "unconfined" || value.startsWith(LOCALHOST)) continue;
    errors.push(invalid(`${field}[${key}]`, value, `invalid AppArmor profile name: ${JSON.stringify(value)}`));
  }
}

/** The annotation's way of writing a profile; undefined for one that it cannot write. */
function mismatch(profile: SeccompProfile | AppArmorProfile, text: string, field: string, what: "seccomp" | "apparmor"): FieldError | undefined {
  const type = forbidden(`${field}.type`, `${what} type in annotation and field must match`);
  if (profile.type === "Unconfined") return text === "unconfined" ? undefined : type;
  if (profile.type === "RuntimeDefault") {
    return text === "runtime/default" || (what === "seccomp" && text === "docker/default") ? undefined : type;
  }
  if (profile.type !== "Localhost") return undefined;
  if (!text.startsWith(LOCALHOST)) return type;
  if (text.slice(LOCALHOST.length) === profile.localhostProfile) return undefined;
  return forbidden(`${field}.localhostProfile`, `${what} profile in annotation and field must match`);
}
/** Annotations and fields that say the same thing must agree. `field` is that of the spec. */
export function checkProfilesMatch(errors: Errors, field: string, metadata: ObjectMeta | undefined, spec: PodSpec): void {
  const annotations = metadata?.annotations;
  if (!annotations) return;
  const compare = (profile: SeccompProfile | undefined, key: string, path: string, what: "seccomp" | "apparmor"): void => {
    const text = annotations[key];
    const error = profile && text !== undefined ? mismatch(profile, text, path, what) : undefined;
    if (error) errors.push(error);
  };
  compare(spec.securityContext?.seccompProfile, SECCOMP_POD, `${field}.securityContext.seccompProfile`, "seccomp");
  eachContainer(spec, field, ({ name = "", securityContext }, path) =>
    compare(securityContext?.seccompProfile, SECCOMP_PREFIX + name, `${path}.securityContext.seccompProfile`, "seccomp"),
  );
  if (spec.os?.name === "windows") return;
  eachContainer(spec, field, ({ name = "", securityContext }, path) => {
    const profile = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    compare(profile, APPARMOR_PREFIX + name, `${path}.securityContext.appArmorProfile`, "apparmor");
  });
}
/** The profile that an annotation of old stands for. */
export function appArmorOfAnnotation(text: string): AppArmorProfile | undefined {
  if (text === "unconfined") return { type: "Unconfined" };
  if (text === "runtime/default") return { type: "RuntimeDefault" };
  if (!text.startsWith(LOCALHOST)) return undefined;
  const localhostProfile = text.slice(LOCALHOST.length);
  return localhostProfile === "" ? undefined : { type: "Localhost", localhostProfile };
}
