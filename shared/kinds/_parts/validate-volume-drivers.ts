// Validation of the volume sources of particular storage systems (upstream: validation.go, validate...VolumeSource).
import { invalid, notSupported, required, tooLong } from "../../errors/field-error.ts";
import { isDNS1123Subdomain, isInRange, nameIsDNSSubdomain } from "../../meta/names.ts";
import type { Volume } from "../_generated/types.ts";
import { checkDNSLabel, checkOneOf, checkRequired, type Errors, invalidEach } from "./check.ts";

type Check<K extends keyof Volume> = (errors: Errors, field: string, source: NonNullable<Volume[K]>) => void;

// Anchored, unlike upstream's, which finds the name anywhere in the text: so it takes linear time.
const IQN = /^iqn\.[0-9]{4}-[0-9]{2}\.[A-Za-z0-9.-]+:[^,;*&$|\s]+$/;
const EUI = /^eui.[A-Za-z0-9]{16}$/;
const NAA = /^naa.[A-Za-z0-9]{32}$/;
const NAMED = [["iqn", IQN] as const, ["eui", EUI] as const, ["naa", NAA] as const];
const CACHING_MODES = ["None", "ReadOnly", "ReadWrite"];
const DISK_KINDS = ["Dedicated", "Managed", "Shared"];
const MANAGED_URI = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
const BLOB_URI = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";

function checkInitiator(errors: Errors, field: string, name: string): void {
  const found = NAMED.find(([prefix]) => name.startsWith(prefix));
  if (!found) errors.push(invalid(field, name, "must be valid format starting with iqn, eui, or naa"));
  else if (!found[1].test(name)) errors.push(invalid(field, name, "must be valid format"));
}
function checkPartition(errors: Errors, field: string, partition: number | undefined): void {
  if (partition !== undefined && (partition < 0 || partition > 255)) {
    errors.push(invalid(`${field}.partition`, partition, "must be between 1 and 255, inclusive"));
  }
}
const iscsi: Check<"iscsi"> = (errors, field, source) => {
  checkRequired(errors, `${field}.targetPortal`, source.targetPortal);
  if (source.iqn) checkInitiator(errors, `${field}.iqn`, source.iqn);
  else errors.push(required(`${field}.iqn`));
  invalidEach(errors, `${field}.lun`, source.lun ?? 0, isInRange(source.lun ?? 0, 0, 255));
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) errors.push(required(`${field}.secretRef`));
  if (source.initiatorName !== undefined) checkInitiator(errors, `${field}.initiatorname`, source.initiatorName);
};
const fc: Check<"fc"> = (errors, field, { targetWWNs = [], wwids = [], lun }) => {
  if (targetWWNs.length === 0 && wwids.length === 0) {
    errors.push(required(`${field}.targetWWNs`, "must specify either targetWWNs or wwids, but not both"));
  }
  if (targetWWNs.length === 0) return;
  if (wwids.length > 0) errors.push(invalid(`${field}.targetWWNs`, targetWWNs, "targetWWNs and wwids can not be specified simultaneously"));
  if (lun === undefined) errors.push(required(`${field}.lun`, "lun is required if targetWWNs is specified"));
  else invalidEach(errors, `${field}.lun`, lun, isInRange(lun, 0, 255));
};
const azureDisk: Check<"azureDisk"> = (errors, field, { diskName, diskURI = "", cachingMode, kind }) => {
  checkRequired(errors, `${field}.diskName`, diskName);
  checkRequired(errors, `${field}.diskURI`, diskURI);
  checkOneOf(errors, `${field}.cachingMode`, cachingMode, CACHING_MODES);
  checkOneOf(errors, `${field}.kind`, kind, DISK_KINDS);
  if (kind === "Managed" && !diskURI.startsWith("/subscriptions/")) {
    errors.push(notSupported(`${field}.diskURI`, diskURI, [MANAGED_URI]));
  }
  if (kind !== undefined && kind !== "Managed" && !diskURI.startsWith("https://")) {
    errors.push(notSupported(`${field}.diskURI`, diskURI, [BLOB_URI]));
  }
};
const flexVolume: Check<"flexVolume"> = (errors, field, { driver, options = {} }) => {
  checkRequired(errors, `${field}.driver`, driver);
  for (const key of Object.keys(options)) {
    const namespace = `.${(key.split("/", 1)[0] ?? "").toLowerCase()}`;
    if (!namespace.endsWith(".kubernetes.io") && !namespace.endsWith(".k8s.io")) continue;
    errors.push(invalid(`${field}.options[${key}]`, key, "kubernetes.io and k8s.io namespaces are reserved"));
  }
};
const HOST_PORT = /^(?:[^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/;
const quobyte: Check<"quobyte"> = (errors, field, { registry = "", tenant = "", volume }) => {
  const detail = "must be a host:port pair or multiple pairs separated by commas";
  if (registry === "") errors.push(required(`${field}.registry`, detail));
  else if (tenant.length >= 65) errors.push(required(`${field}.tenant`, "must be a UUID and may not exceed a length of 64 characters"));
  else {
    for (const pair of registry.split(",")) if (!HOST_PORT.test(pair)) errors.push(invalid(`${field}.registry`, registry, detail));
  }
  checkRequired(errors, `${field}.volume`, volume);
};
const storageos: Check<"storageos"> = (errors, field, { volumeName, volumeNamespace, secretRef }) => {
  if (volumeName) checkDNSLabel(errors, `${field}.volumeName`, volumeName);
  else errors.push(required(`${field}.volumeName`));
  if (volumeNamespace) checkDNSLabel(errors, `${field}.volumeNamespace`, volumeNamespace);
  if (secretRef) checkRequired(errors, `${field}.secretRef.name`, secretRef.name);
};
const csi: Check<"csi"> = (errors, field, { driver, nodePublishSecretRef: secret }) => {
  if (driver) {
    if (driver.length > 63) errors.push(tooLong(`${field}.driver`, 63));
    invalidEach(errors, `${field}.driver`, driver, isDNS1123Subdomain(driver.toLowerCase()));
  } else errors.push(required(`${field}.driver`));
  if (!secret) return;
  if (secret.name) invalidEach(errors, `${field}.name`, secret.name, nameIsDNSSubdomain(secret.name, false));
  else errors.push(required(`${field}.nodePublishSecretRef.name`));
};
const flocker: Check<"flocker"> = (errors, field, { datasetName, datasetUUID }) => {
  if (!datasetName && !datasetUUID) errors.push(required(field, "one of datasetName and datasetUUID is required"));
  if (datasetName && datasetUUID) {
    errors.push(invalid(field, "resource", "datasetName and datasetUUID can not be specified simultaneously"));
  }
  if (datasetName?.includes("/")) errors.push(invalid(`${field}.datasetName`, datasetName, "must not contain '/'"));
};

/** A check that only demands members. */
const demands =
  (...members: readonly string[]) =>
  (errors: Errors, field: string, source: object): void => {
    for (const member of members) {
      const value = (source as Record<string, unknown>)[member];
      if (!value || (Array.isArray(value) && value.length === 0)) errors.push(required(`${field}.${member}`));
    }
  };

export const DRIVER_CHECKS = {
  iscsi,
  fc,
  azureDisk,
  flexVolume,
  quobyte,
  storageos,
  csi,
  flocker,
  glusterfs: demands("endpoints", "path"),
  rbd: demands("monitors", "image"),
  cephfs: demands("monitors"),
  azureFile: demands("secretName", "shareName"),
  vsphereVolume: demands("volumePath"),
  photonPersistentDisk: demands("pdID"),
  portworxVolume: demands("volumeID"),
  scaleIO: demands("gateway", "system", "volumeName"),
  cinder(errors: Errors, field: string, { volumeID, secretRef }: NonNullable<Volume["cinder"]>): void {
    checkRequired(errors, `${field}.volumeID`, volumeID);
    if (secretRef) checkRequired(errors, `${field}.secretRef.name`, secretRef.name);
  },
  gcePersistentDisk(errors: Errors, field: string, { pdName, partition }: NonNullable<Volume["gcePersistentDisk"]>): void {
    checkRequired(errors, `${field}.pdName`, pdName);
    checkPartition(errors, field, partition);
  },
  awsElasticBlockStore(errors: Errors, field: string, { volumeID, partition }: NonNullable<Volume["awsElasticBlockStore"]>): void {
    checkRequired(errors, `${field}.volumeID`, volumeID);
    checkPartition(errors, field, partition);
  },
};
