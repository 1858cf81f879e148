// Checks of where a persistent volume's bytes lie. As upstream: validation.go ValidatePersistentVolumeSpec and its helpers.
import { forbidden, invalid, notSupported, required, tooLong, type FieldError } from "../../errors/field-error.ts";
import { isDNS1123Label, isDNS1123Subdomain } from "../../meta/names.ts";
import type { CSIPersistentVolumeSource, PersistentVolumeSpec, SecretReference } from "../_generated/types.ts";

type Source = Readonly<Record<string, unknown>>;
const HOST_PATH_TYPES = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
const CSI_DRIVER_MAX = 63;

const requiredIn = (source: Source, path: string, ...members: string[]): FieldError[] =>
  members.filter((member) => !source[member]).map((member) => required(`${path}.${member}`));

const noBacksteps = (value: string, field: string): FieldError[] => (value.split("/").includes("..") ? [invalid(field, value, "must not contain '..'")] : []);

function validateLun(source: Source, path: string): FieldError[] {
  const lun = Number(source.lun ?? 0);
  return lun >= 0 && lun <= 255 ? [] : [invalid(`${path}.lun`, lun, "must be between 0 and 255, inclusive")];
}

function validateSecret(ref: SecretReference | undefined, path: string): FieldError[] {
  if (ref === undefined) return [];
  const { name = "", namespace = "" } = ref;
  return [
    ...(name === "" ? [required(`${path}.name`)] : isDNS1123Subdomain(name).map((m) => invalid(`${path}.name`, name, m))),
    ...(namespace === "" ? [required(`${path}.namespace`)] : isDNS1123Label(namespace).map((m) => invalid(`${path}.namespace`, namespace, m))),
  ];
}

export function validateCSIDriverName(driver: string, field: string): FieldError[] {
  if (driver === "") return [required(field)];
  return [
    ...(driver.length > CSI_DRIVER_MAX ? [tooLong(field, CSI_DRIVER_MAX)] : []),
    ...isDNS1123Subdomain(driver.toLowerCase()).map((message) => invalid(field, driver, message)),
  ];
}

const CSI_SECRETS = ["controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeStageSecretRef", "nodeExpandSecretRef"] as const;
function validateCSI(csi: CSIPersistentVolumeSource, path: string): FieldError[] {
  return [
    ...validateCSIDriverName(csi.driver ?? "", `${path}.driver`),
    ...(csi.volumeHandle ? [] : [required(`${path}.volumeHandle`)]),
    ...CSI_SECRETS.flatMap((member) => validateSecret(csi[member], `${path}.${member}`)),
  ];
}

function validateHostPath(source: Source, path: string): FieldError[] {
  const value = String(source.path ?? "");
  const type = String(source.type ?? "");
  return [
    ...(value === "" ? [required(`${path}.path`)] : noBacksteps(value, `${path}.path`)),
    ...(HOST_PATH_TYPES.includes(type) ? [] : [notSupported(`${path}.type`, type, HOST_PATH_TYPES)]),
  ];
}

function validateISCSI(source: Source, path: string): FieldError[] {
  const iqn = String(source.iqn ?? "");
  const format = /^(iqn\.\d{4}-\d{2}\..+|eui\.[0-9A-Fa-f]{16}|naa\.[0-9A-Fa-f]{16,32})$/.test(iqn);
  return [
    ...requiredIn(source, path, "targetPortal"),
    ...(iqn === "" ? [required(`${path}.iqn`)] : format ? [] : [invalid(`${path}.iqn`, iqn, "must be valid format")]),
    ...validateLun(source, path),
    ...((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef ? [required(`${path}.secretRef`)] : []),
  ];
}

function validateFC(source: Source, path: string): FieldError[] {
  const count = (member: string): number => (Array.isArray(source[member]) ? source[member].length : 0);
  if (count("targetWWNs") === 0 && count("wwids") === 0) {
    return [required(`${path}.targetWWNs`, "must specify either targetWWNs or wwids, but not both")];
  }
  if (count("targetWWNs") > 0 && count("wwids") > 0) {
    return [invalid(`${path}.targetWWNs`, source.targetWWNs as string[], "targetWWNs and wwids can not be specified simultaneously")];
  }
  if (count("targetWWNs") === 0) return [];
  return source.lun === undefined ? [required(`${path}.lun`, "lun is required if targetWWNs is specified")] : validateLun(source, path);
}

function validateNFS(source: Source, path: string): FieldError[] {
  const directory = String(source.path ?? "");
  const absolute = directory === "" || directory.startsWith("/");
  return [...requiredIn(source, path, "server", "path"), ...(absolute ? [] : [invalid(`${path}.path`, directory, "must be an absolute path")])];
}

/** What each source must have, in the order in which the server looks at them. */
const CHECKS: readonly (readonly [member: keyof PersistentVolumeSpec, check: (source: Source, path: string) => FieldError[]])[] = [
  ["hostPath", validateHostPath],
  ["gcePersistentDisk", (source, path) => requiredIn(source, path, "pdName")],
  ["awsElasticBlockStore", (source, path) => requiredIn(source, path, "volumeID")],
  ["glusterfs", (source, path) => requiredIn(source, path, "endpoints", "path")],
  ["flocker", (source, path) => (source.datasetName || source.datasetUUID ? [] : [required(path, "one of datasetName and datasetUUID is required")])],
  ["nfs", validateNFS],
  ["rbd", (source, path) => requiredIn(source, path, "monitors", "image")],
  ["quobyte", (source, path) => requiredIn(source, path, "registry", "volume")],
  ["cephfs", (source, path) => requiredIn(source, path, "monitors")],
  ["iscsi", validateISCSI],
  ["cinder", (source, path) => requiredIn(source, path, "volumeID")],
  ["fc", validateFC],
  ["flexVolume", (source, path) => requiredIn(source, path, "driver")],
  ["azureFile", (source, path) => requiredIn(source, path, "secretName", "shareName")],
  ["vsphereVolume", (source, path) => requiredIn(source, path, "volumePath")],
  ["photonPersistentDisk", (source, path) => requiredIn(source, path, "pdID")],
  ["portworxVolume", (source, path) => requiredIn(source, path, "volumeID")],
  ["azureDisk", (source, path) => requiredIn(source, path, "diskName", "diskURI")],
  ["scaleIO", (source, path) => requiredIn(source, path, "gateway", "system", "volumeName")],
  ["local", (source, path) => (source.path ? noBacksteps(String(source.path), `${path}.path`) : [required(`${path}.path`)])],
  ["storageos", (source, path) => requiredIn(source, path, "volumeName")],
  ["csi", (source, path) => validateCSI(source as CSIPersistentVolumeSource, path)],
];

/** `options.placed`: the volume says which nodes it is on, as local ones must. */
export function validateVolumeSources(spec: PersistentVolumeSpec, options: { readonly placed: boolean }): FieldError[] {
  const errors: FieldError[] = [];
  let found = 0;
  for (const [member, check] of CHECKS) {
    const source = spec[member];
    if (source === undefined) continue;
    if (found > 0) errors.push(forbidden(`spec.${member}`, "may not specify more than 1 volume type"));
    else errors.push(...check(source as unknown as Source, `spec.${member}`));
    found++;
    if (member === "local" && !options.placed) errors.push(required("spec.nodeAffinity", "Local volume requires node affinity"));
  }
  return found === 0 ? [...errors, required("spec", "must specify a volume type")] : errors;
}
