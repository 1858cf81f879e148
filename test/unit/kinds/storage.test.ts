// Kinds of group storage.k8s.io against the recorded answers of a real server.
import { csiDriverKind } from "../../../shared/kinds/storage/csi-driver.ts";
import { csiNodeKind } from "../../../shared/kinds/storage/csi-node.ts";
import { csiStorageCapacityKind } from "../../../shared/kinds/storage/csi-storage-capacity.ts";
import { storageClassKind } from "../../../shared/kinds/storage/storage-class.ts";
import { volumeAttachmentKind } from "../../../shared/kinds/storage/volume-attachment.ts";
import { volumeAttributesClassKind } from "../../../shared/kinds/storage/volume-attributes-class.ts";
import { describeKind } from "./fact-suite.ts";

/** The admission plugin StorageObjectInUseProtection adds the finalizer. */
const protect = (object: { metadata?: { finalizers?: string[] } }): void => {
  (object.metadata ??= {}).finalizers = ["kubernetes.io/vac-protection"];
};

describeKind(storageClassKind, { bases: ["storageclass", "storageclass-full"] });
describeKind(csiDriverKind, { bases: ["csidriver", "csidriver-full"] });
describeKind(csiNodeKind, { bases: ["csinode"] });
describeKind(csiStorageCapacityKind, { bases: ["csistoragecapacity"] });
describeKind(volumeAttachmentKind, { bases: ["volumeattachment"] });
describeKind(volumeAttributesClassKind, { bases: ["volumeattributesclass"], admit: protect });
