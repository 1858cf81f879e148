// Defaults of volumes (upstream: pkg/apis/core/v1/defaults.go and the defaults declared on the types).
import type { DownwardAPIVolumeFile, ProjectedVolumeSource, Volume } from "../_generated/types.ts";
import { defaultDivisor } from "./container-defaults.ts";
import { defaultPullPolicy } from "./image-reference.ts";
import { roundResourceList } from "./quantities.ts";

const DEFAULT_MODE = 0o644;

function defaultFiles(items: readonly DownwardAPIVolumeFile[] | undefined): void {
  for (const { fieldRef, resourceFieldRef } of items ?? []) {
    if (fieldRef) fieldRef.apiVersion ||= "v1";
    if (resourceFieldRef) defaultDivisor(resourceFieldRef);
  }
}
function defaultProjected(projected: ProjectedVolumeSource): void {
  projected.defaultMode ??= DEFAULT_MODE;
  for (const { downwardAPI, serviceAccountToken } of projected.sources ?? []) {
    defaultFiles(downwardAPI?.items);
    if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= 3600;
  }
}
/** Drivers of old, and a claim template. */
function defaultRareSources(volume: Volume): void {
  const { rbd, iscsi, azureDisk, scaleIO, image } = volume;
  if (rbd) {
    rbd.pool ||= "rbd";
    rbd.user ||= "admin";
    rbd.keyring ||= "/etc/ceph/keyring";
  }
  if (iscsi) iscsi.iscsiInterface ||= "default";
  if (azureDisk) {
    azureDisk.cachingMode ??= "ReadWrite";
    azureDisk.fsType ??= "ext4";
    azureDisk.readOnly ??= false;
    azureDisk.kind ??= "Shared";
  }
  if (scaleIO) {
    scaleIO.storageMode ||= "ThinProvisioned";
    scaleIO.fsType ||= "xfs";
  }
  if (image) image.pullPolicy ||= defaultPullPolicy(image.reference ?? "");
  const claim = volume.ephemeral?.volumeClaimTemplate;
  if (claim) {
    const spec = (claim.spec ??= {});
    spec.volumeMode ??= "Filesystem";
    roundResourceList(spec.resources?.limits);
    roundResourceList(spec.resources?.requests);
  }
}
export function defaultVolume(volume: Volume): void {
  let source = false;
  for (const key in volume) if (key !== "name" && volume[key as keyof Volume] !== undefined) source = true;
  if (!source) volume.emptyDir = {};
  if (volume.secret) volume.secret.defaultMode ??= DEFAULT_MODE;
  if (volume.configMap) volume.configMap.defaultMode ??= DEFAULT_MODE;
  if (volume.hostPath) volume.hostPath.type ??= "";
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= DEFAULT_MODE;
    defaultFiles(volume.downwardAPI.items);
  }
  if (volume.projected) defaultProjected(volume.projected);
  defaultRareSources(volume);
}
