// Validation of a pod's volumes (upstream: validation.go, ValidateVolumes and validateVolumeSource).
import { duplicate, forbidden, invalid, required } from "../../errors/field-error.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type { KeyToPath, Volume } from "../_generated/types.ts";
import {
  checkDescendingPath,
  checkDNSLabel,
  checkFileMode,
  checkNoBacksteps,
  checkOneOf,
  checkRequired,
  checkRequiredOneOf,
  type Errors,
  invalidEach,
} from "./check.ts";
import { milli } from "./quantities.ts";
import { checkClaimTemplate } from "./validate-claim-template.ts";
import { checkKeyToPath, type VolumeRules } from "./validate-key-to-path.ts";
import { checkDownwardFiles, checkProjected } from "./validate-projected.ts";
import { DRIVER_CHECKS } from "./validate-volume-drivers.ts";

const HOST_PATH_TYPES = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
const PULL_POLICIES = ["Always", "IfNotPresent", "Never"];
type Source = Exclude<keyof Volume, "name">;
type Check<K extends Source> = (errors: Errors, field: string, source: NonNullable<Volume[K]>, volume: Volume, rules: VolumeRules) => void;

const checkItems = (errors: Errors, field: string, items: readonly KeyToPath[] | undefined): void =>
  items?.forEach((item, i) => checkKeyToPath(errors, `${field}.items[${i}]`, item));

/** Checks by source, in the order in which upstream looks for a second one. */
const CHECKS: { readonly [K in Source]: Check<K> } = {
  emptyDir(errors, field, { sizeLimit }) {
    if (sizeLimit !== undefined && milli(sizeLimit) < 0) {
      errors.push(forbidden(`${field}.sizeLimit`, "SizeLimit field must be a valid resource quantity"));
    }
  },
  hostPath(errors, field, { path, type }) {
    if (!path) return void errors.push(required(`${field}.path`));
    checkNoBacksteps(errors, `${field}.path`, path);
    return checkOneOf(errors, `${field}.type`, type, HOST_PATH_TYPES);
  },
  gitRepo(errors, field, { repository, directory }) {
    checkRequired(errors, `${field}.repository`, repository);
    checkDescendingPath(errors, `${field}.directory`, directory ?? "");
  },
  gcePersistentDisk: DRIVER_CHECKS.gcePersistentDisk,
  awsElasticBlockStore: DRIVER_CHECKS.awsElasticBlockStore,
  secret(errors, field, { secretName, defaultMode, items }) {
    checkRequired(errors, `${field}.secretName`, secretName);
    checkFileMode(errors, `${field}.defaultMode`, defaultMode);
    checkItems(errors, field, items);
  },
  nfs(errors, field, { server, path = "" }) {
    checkRequired(errors, `${field}.server`, server);
    checkRequired(errors, `${field}.path`, path);
    if (!path.startsWith("/")) errors.push(invalid(`${field}.path`, path, "must be an absolute path"));
  },
  iscsi: DRIVER_CHECKS.iscsi,
  glusterfs: DRIVER_CHECKS.glusterfs,
  flocker: DRIVER_CHECKS.flocker,
  persistentVolumeClaim(errors, field, { claimName }) {
    checkRequired(errors, `${field}.claimName`, claimName);
  },
  rbd: DRIVER_CHECKS.rbd,
  cinder: DRIVER_CHECKS.cinder,
  cephfs: DRIVER_CHECKS.cephfs,
  quobyte: DRIVER_CHECKS.quobyte,
  downwardAPI(errors, field, { defaultMode, items }) {
    checkFileMode(errors, `${field}.defaultMode`, defaultMode);
    for (const file of items ?? []) checkDownwardFiles(errors, field, file);
  },
  fc: DRIVER_CHECKS.fc,
  flexVolume: DRIVER_CHECKS.flexVolume,
  configMap(errors, field, { name, defaultMode, items }) {
    checkRequired(errors, `${field}.name`, name);
    checkFileMode(errors, `${field}.defaultMode`, defaultMode);
    checkItems(errors, field, items);
  },
  azureFile: DRIVER_CHECKS.azureFile,
  vsphereVolume: DRIVER_CHECKS.vsphereVolume,
  photonPersistentDisk: DRIVER_CHECKS.photonPersistentDisk,
  portworxVolume: DRIVER_CHECKS.portworxVolume,
  azureDisk: DRIVER_CHECKS.azureDisk,
  storageos: DRIVER_CHECKS.storageos,
  projected: (errors, field, projected, _volume, rules) => checkProjected(errors, field, projected, rules),
  scaleIO: DRIVER_CHECKS.scaleIO,
  csi: DRIVER_CHECKS.csi,
  ephemeral(errors, field, { volumeClaimTemplate }, volume, rules) {
    if (volumeClaimTemplate) checkClaimTemplate(errors, `${field}.volumeClaimTemplate`, volumeClaimTemplate);
    else errors.push(required(`${field}.volumeClaimTemplate`));
    if (rules.podName === "" || !volume.name) return;
    const claim = `${rules.podName}-${volume.name}`;
    const where = `${field.slice(0, field.lastIndexOf("."))}.name`;
    const messages = nameIsDNSSubdomain(claim, false);
    invalidEach(
      errors,
      where,
      volume.name,
      messages.map((message) => `PVC name ${JSON.stringify(claim)}: ${message}`),
    );
  },
  image(errors, field, { reference, pullPolicy }, _volume, rules) {
    if (rules.isPod) checkRequired(errors, `${field}.reference`, reference);
    checkRequiredOneOf(errors, `${field}.pullPolicy`, pullPolicy, PULL_POLICIES);
  },
};
const ORDER = new Map(Object.keys(CHECKS).map((key, i) => [key, i]));
/** Paths that upstream spells unlike the field: in the errors of a source itself, and where it is one too many. */
const ODD_FIELDS: Readonly<Record<string, string>> = { gcePersistentDisk: "persistentDisk" };
const ODD_EXTRA_FIELDS: Readonly<Record<string, string>> = { cephfs: "cephFS", downwardAPI: "downwarAPI" };

function checkSource(errors: Errors, field: string, volume: Volume, rules: VolumeRules): void {
  const sources: Source[] = [];
  for (const key in volume) if (key !== "name" && volume[key as Source] !== undefined && ORDER.has(key)) sources.push(key as Source);
  if (sources.length === 0) return void errors.push(required(field, "must specify a volume type"));
  if (sources.length > 1) sources.sort((a, b) => (ORDER.get(a) ?? 0) - (ORDER.get(b) ?? 0));
  sources.forEach((source, i) => {
    if (i > 0) errors.push(forbidden(`${field}.${ODD_EXTRA_FIELDS[source] ?? source}`, "may not specify more than 1 volume type"));
    else (CHECKS[source] as Check<Source>)(errors, `${field}.${ODD_FIELDS[source] ?? source}`, volume[source] ?? {}, volume, rules);
    const iscsi = source === "iscsi" ? volume.iscsi : undefined;
    if (iscsi?.initiatorName !== undefined && `${volume.name ?? ""}:${iscsi.targetPortal ?? ""}`.length > 64) {
      const detail = "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";
      errors.push(invalid(`${field}.name`, volume.name ?? "", detail));
    }
  });
  return undefined;
}

/** Checks all volumes; answers the sound ones by name. */
export function checkVolumes(errors: Errors, field: string, volumes: readonly Volume[], rules: VolumeRules): Map<string, Volume> {
  const sound = new Map<string, Volume>();
  const claims = new Set<string>();
  for (const volume of volumes) if (volume.ephemeral && rules.podName !== "") claims.add(`${rules.podName}-${volume.name ?? ""}`);
  volumes.forEach((volume, i) => {
    const before = errors.length;
    const { name = "" } = volume;
    checkSource(errors, `${field}[${i}]`, volume, rules);
    if (name === "") errors.push(required(`${field}[${i}].name`));
    else checkDNSLabel(errors, `${field}[${i}].name`, name);
    if (sound.has(name)) errors.push(duplicate(`${field}[${i}].name`, name));
    if (errors.length === before) sound.set(name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && claims.has(claim)) {
      const detail = "must not reference a PVC that gets created for an ephemeral volume";
      errors.push(invalid(`${field}[${i}].persistentVolumeClaim.claimName`, claim, detail));
    }
  });
  return sound;
}
