// Validation of projected and downward API volumes (upstream: validation.go, validateProjectionSources).
import { forbidden, invalid, required } from "../../errors/field-error.ts";
import type { DownwardAPIVolumeFile, KeyToPath, ProjectedVolumeSource, VolumeProjection } from "../_generated/types.ts";
import { checkFileMode, checkLocalPath, checkRequired, type Errors } from "./check.ts";
import { checkFieldRef, checkResourceFieldRef } from "./validate-env.ts";
import { checkKeyToPath, type VolumeRules } from "./validate-key-to-path.ts";

const VOLUME_FIELDS = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;

/** Upstream reports about the list, not about the item. */
export function checkDownwardFiles(errors: Errors, field: string, file: DownwardAPIVolumeFile): void {
  const { path = "", fieldRef, resourceFieldRef, mode } = file;
  checkRequired(errors, `${field}.path`, path);
  checkLocalPath(errors, `${field}.path`, path);
  if (fieldRef) {
    checkFieldRef(errors, `${field}.fieldRef`, fieldRef, VOLUME_FIELDS);
    if (resourceFieldRef) errors.push(invalid(field, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"));
  } else if (resourceFieldRef) checkResourceFieldRef(errors, `${field}.resourceFieldRef`, resourceFieldRef, { inVolume: true });
  else errors.push(required(field, "one of fieldRef and resourceFieldRef is required"));
  checkFileMode(errors, `${field}.mode`, mode);
}

type PathCheck = (path: string | undefined, shown: string) => void;
function checkToken(errors: Errors, field: string, at: string, token: NonNullable<VolumeProjection["serviceAccountToken"]>, rules: VolumeRules): void {
  const { expirationSeconds = 0, path } = token;
  const expiration = `${at}.serviceAccountToken.expirationSeconds`;
  if (expirationSeconds < TOKEN_SECONDS_MIN) {
    errors.push(invalid(expiration, expirationSeconds, "may not specify a duration less than 10 minutes"));
  }
  if (expirationSeconds > TOKEN_SECONDS_MAX) {
    errors.push(invalid(expiration, expirationSeconds, "may not specify a duration larger than 2^32 seconds"));
  }
  if (!path) errors.push(required(`${field}.path`));
  else if (!rules.nonLocalTokenPath) checkLocalPath(errors, `${field}.path`, path);
}
function checkKeys(errors: Errors, field: string, source: { name?: string; items?: KeyToPath[] }, path: PathCheck): void {
  checkRequired(errors, `${field}.name`, source.name);
  source.items?.forEach((item, i) => {
    checkKeyToPath(errors, `${field}.items[${i}]`, item);
    path(item.path, source.name ?? "");
  });
}

/** Projections of cluster trust bundles and pod certificates are not checked: their feature gates are off, so they are dropped. */
export function checkProjected(errors: Errors, field: string, projected: ProjectedVolumeSource, rules: VolumeRules): void {
  checkFileMode(errors, `${field}.defaultMode`, projected.defaultMode);
  const paths = new Set<string>();
  const checkPath: PathCheck = (path, shown) => {
    if (!path) return;
    if (paths.has(path)) errors.push(invalid(field, shown, "conflicting duplicate paths"));
    paths.add(path);
  };
  projected.sources?.forEach((source, i) => {
    const at = `${field}.sources[${i}]`;
    const { secret, configMap, downwardAPI, serviceAccountToken } = source;
    if (secret) checkKeys(errors, `${at}.secret`, secret, checkPath);
    if (configMap) checkKeys(errors, `${at}.configMap`, configMap, checkPath);
    for (const file of downwardAPI?.items ?? []) {
      checkDownwardFiles(errors, `${at}.downwardAPI`, file);
      checkPath(file.path, file.path ?? "");
    }
    if (serviceAccountToken) checkToken(errors, field, at, serviceAccountToken, rules);
    const count = [secret, configMap, downwardAPI, serviceAccountToken].filter(Boolean).length;
    if (count > 1) errors.push(forbidden(at, "may not specify more than 1 volume type per source"));
  });
}
