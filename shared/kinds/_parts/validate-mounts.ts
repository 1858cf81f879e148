// Validation of what containers mount (upstream: validation.go, ValidateVolumeMounts and ValidateVolumeDevices).
import { forbidden, invalid, notFound, required } from "../../errors/field-error.ts";
import type { Volume, VolumeDevice, VolumeMount } from "../_generated/types.ts";
import { checkDescendingPath, checkOneOf, type Errors } from "./check.ts";
import type { AnyContainer } from "./containers.ts";

/** The sound volumes of the pod by name. */
export type Volumes = ReadonlyMap<string, Volume>;
const PROPAGATIONS = ["Bidirectional", "HostToContainer", "None"];
const RECURSIVE_READ_ONLY = ["Disabled", "Enabled", "IfPossible"];

function checkPropagation(errors: Errors, field: string, mode: string, container: AnyContainer): void {
  checkOneOf(errors, field, mode, PROPAGATIONS);
  if (mode === "Bidirectional" && container.securityContext?.privileged !== true) {
    errors.push(forbidden(field, "Bidirectional mount propagation is available only to privileged containers"));
  }
}
function checkRecursiveReadOnly(errors: Errors, field: string, mount: VolumeMount): void {
  const mode = mount.recursiveReadOnly;
  if (mode === undefined || mode === "Disabled") return;
  if (!RECURSIVE_READ_ONLY.includes(mode)) return checkOneOf(errors, field, mode, RECURSIVE_READ_ONLY);
  if (!mount.readOnly) errors.push(forbidden(field, "may only be specified when readOnly is true"));
  if (mount.mountPropagation !== undefined && mount.mountPropagation !== "None") {
    errors.push(forbidden(field, "may only be specified when mountPropagation is None or not specified"));
  }
  return undefined;
}
const NO_DEVICES: readonly VolumeDevice[] = [];
const NO_MOUNTS: readonly VolumeMount[] = [];

export function checkVolumeMounts(errors: Errors, field: string, container: AnyContainer, volumes: Volumes): void {
  const devices = container.volumeDevices ?? NO_DEVICES;
  const paths = new Set<string>();
  container.volumeMounts?.forEach((mount, i) => {
    const at = `${field}[${i}]`;
    const { name = "", mountPath = "", subPath = "", subPathExpr = "" } = mount;
    if (name === "") errors.push(required(`${at}.name`));
    if (!volumes.has(name)) errors.push(notFound(`${at}.name`, name));
    if (mountPath === "") errors.push(required(`${at}.mountPath`));
    if (paths.has(mountPath)) errors.push(invalid(`${at}.mountPath`, mountPath, "must be unique"));
    paths.add(mountPath);
    if (devices.some((device) => device.name === name)) {
      errors.push(invalid(`${at}.name`, name, "must not already exist in volumeDevices"));
    }
    if (devices.some((device) => device.devicePath === mountPath)) {
      errors.push(invalid(`${at}.mountPath`, mountPath, "must not already exist as a path in volumeDevices"));
    }
    // From here upstream names the list, not the item.
    if (subPath !== "") checkDescendingPath(errors, `${field}.subPath`, subPath);
    if (subPathExpr !== "") {
      if (subPath !== "") errors.push(invalid(`${at}.subPathExpr`, subPathExpr, "subPathExpr and subPath are mutually exclusive"));
      checkDescendingPath(errors, `${field}.subPathExpr`, subPathExpr);
    }
    if (mount.mountPropagation !== undefined) {
      checkPropagation(errors, `${field}.mountPropagation`, mount.mountPropagation, container);
    }
    checkRecursiveReadOnly(errors, `${field}.recursiveReadOnly`, mount);
  });
}

export function checkVolumeDevices(errors: Errors, field: string, container: AnyContainer, volumes: Volumes): void {
  const mounts = container.volumeMounts ?? NO_MOUNTS;
  const paths = new Set<string>();
  const names = new Set<string>();
  container.volumeDevices?.forEach((device, i) => {
    const { name = "", devicePath: path = "" } = device;
    const nameField = `${field}[${i}].name`;
    const pathField = `${field}[${i}].devicePath`;
    const volume = volumes.get(name);
    if (name === "") errors.push(required(nameField));
    if (names.has(name)) errors.push(invalid(nameField, name, "must be unique"));
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
      errors.push(invalid(nameField, name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"));
    }
    if (!volume) errors.push(notFound(nameField, name));
    if (path === "") errors.push(required(pathField));
    if (paths.has(path)) errors.push(invalid(pathField, path, "must be unique"));
    if (path.split("/").includes("..")) errors.push(invalid(pathField, path, "can not contain backsteps ('..')"));
    else paths.add(path);
    if (mounts.some((mount) => mount.name === name)) errors.push(invalid(nameField, name, "must not already exist in volumeMounts"));
    if (mounts.some((mount) => mount.mountPath === path)) {
      errors.push(invalid(pathField, path, "must not already exist as a path in volumeMounts"));
    }
    if (name !== "") names.add(name);
  });
}
