// The members of each persistent volume source, in the order and with the names of the server's internal types.
// As upstream: pkg/apis/core/types.go PersistentVolumeSource.
import type { GoField, GoShape } from "./go-form.ts";

const text = (go: string, json: string): GoField => [go, json, "text"];
const flag = (go: string, json: string): GoField => [go, json, "flag"];
const any = (go: string, json: string): GoField => [go, json, "any"];
const FS_TYPE = text("FSType", "fsType");
const READ_ONLY = flag("ReadOnly", "readOnly");
const SECRET: GoShape = [text("Name", "name"), text("Namespace", "namespace")];
const secret = (go: string, json: string): GoField => [go, json, SECRET];

export const SOURCE_SHAPE: GoShape = [
  ["GCEPersistentDisk", "gcePersistentDisk", [text("PDName", "pdName"), FS_TYPE, ["Partition", "partition", "number"], READ_ONLY]],
  ["AWSElasticBlockStore", "awsElasticBlockStore", [text("VolumeID", "volumeID"), FS_TYPE, ["Partition", "partition", "number"], READ_ONLY]],
  ["HostPath", "hostPath", [text("Path", "path"), any("Type", "type")]],
  ["Glusterfs", "glusterfs", [text("EndpointsName", "endpoints"), text("Path", "path"), READ_ONLY, any("EndpointsNamespace", "endpointsNamespace")]],
  ["NFS", "nfs", [text("Server", "server"), text("Path", "path"), READ_ONLY]],
  [
    "RBD",
    "rbd",
    [
      any("CephMonitors", "monitors"),
      text("RBDImage", "image"),
      FS_TYPE,
      text("RBDPool", "pool"),
      text("RadosUser", "user"),
      text("Keyring", "keyring"),
      secret("SecretRef", "secretRef"),
      READ_ONLY,
    ],
  ],
  [
    "Quobyte",
    "quobyte",
    [text("Registry", "registry"), text("Volume", "volume"), READ_ONLY, text("User", "user"), text("Group", "group"), text("Tenant", "tenant")],
  ],
  [
    "ISCSI",
    "iscsi",
    [
      text("TargetPortal", "targetPortal"),
      text("IQN", "iqn"),
      ["Lun", "lun", "number"],
      text("ISCSIInterface", "iscsiInterface"),
      FS_TYPE,
      READ_ONLY,
      any("Portals", "portals"),
      flag("DiscoveryCHAPAuth", "chapAuthDiscovery"),
      flag("SessionCHAPAuth", "chapAuthSession"),
      secret("SecretRef", "secretRef"),
      any("InitiatorName", "initiatorName"),
    ],
  ],
  ["FlexVolume", "flexVolume", [text("Driver", "driver"), FS_TYPE, secret("SecretRef", "secretRef"), READ_ONLY, any("Options", "options")]],
  ["Cinder", "cinder", [text("VolumeID", "volumeID"), FS_TYPE, READ_ONLY, secret("SecretRef", "secretRef")]],
  [
    "CephFS",
    "cephfs",
    [any("Monitors", "monitors"), text("Path", "path"), text("User", "user"), text("SecretFile", "secretFile"), secret("SecretRef", "secretRef"), READ_ONLY],
  ],
  ["FC", "fc", [any("TargetWWNs", "targetWWNs"), any("Lun", "lun"), FS_TYPE, READ_ONLY, any("WWIDs", "wwids")]],
  ["Flocker", "flocker", [text("DatasetName", "datasetName"), text("DatasetUUID", "datasetUUID")]],
  ["AzureFile", "azureFile", [text("SecretName", "secretName"), text("ShareName", "shareName"), READ_ONLY, any("SecretNamespace", "secretNamespace")]],
  [
    "VsphereVolume",
    "vsphereVolume",
    [text("VolumePath", "volumePath"), FS_TYPE, text("StoragePolicyName", "storagePolicyName"), text("StoragePolicyID", "storagePolicyID")],
  ],
  [
    "AzureDisk",
    "azureDisk",
    [
      text("DiskName", "diskName"),
      text("DataDiskURI", "diskURI"),
      any("CachingMode", "cachingMode"),
      any("FSType", "fsType"),
      any("ReadOnly", "readOnly"),
      any("Kind", "kind"),
    ],
  ],
  ["PhotonPersistentDisk", "photonPersistentDisk", [text("PdID", "pdID"), FS_TYPE]],
  ["PortworxVolume", "portworxVolume", [text("VolumeID", "volumeID"), FS_TYPE, READ_ONLY]],
  [
    "ScaleIO",
    "scaleIO",
    [
      text("Gateway", "gateway"),
      text("System", "system"),
      secret("SecretRef", "secretRef"),
      flag("SSLEnabled", "sslEnabled"),
      text("ProtectionDomain", "protectionDomain"),
      text("StoragePool", "storagePool"),
      text("StorageMode", "storageMode"),
      text("VolumeName", "volumeName"),
      FS_TYPE,
      READ_ONLY,
    ],
  ],
  ["Local", "local", [text("Path", "path"), any("FSType", "fsType")]],
  ["StorageOS", "storageos", [text("VolumeName", "volumeName"), text("VolumeNamespace", "volumeNamespace"), FS_TYPE, READ_ONLY, any("SecretRef", "secretRef")]],
  [
    "CSI",
    "csi",
    [
      text("Driver", "driver"),
      text("VolumeHandle", "volumeHandle"),
      READ_ONLY,
      FS_TYPE,
      any("VolumeAttributes", "volumeAttributes"),
      secret("ControllerPublishSecretRef", "controllerPublishSecretRef"),
      secret("NodeStageSecretRef", "nodeStageSecretRef"),
      secret("NodePublishSecretRef", "nodePublishSecretRef"),
      secret("ControllerExpandSecretRef", "controllerExpandSecretRef"),
      secret("NodeExpandSecretRef", "nodeExpandSecretRef"),
    ],
  ],
];
/** JSON names of all sources. */
export const SOURCES: readonly string[] = SOURCE_SHAPE.map(([, json]) => json);
