// StorageObjectInUseProtection: claims, volumes and their attributes classes stay while they are in use.
// As upstream: plugin/pkg/admission/storage/storageobjectinuseprotection/admission.go.
import type { AdmissionPlugin } from "./plugin.ts";

const FINALIZERS: ReadonlyMap<string, string> = new Map([
  ["/persistentvolumeclaims", "kubernetes.io/pvc-protection"],
  ["/persistentvolumes", "kubernetes.io/pv-protection"],
  ["storage.k8s.io/volumeattributesclasses", "kubernetes.io/vac-protection"],
]);

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: "StorageObjectInUseProtection",
  facts: [],
  handles: (resource, operation, subresource) => operation === "CREATE" && subresource === "" && FINALIZERS.has(resource),
  admit({ kind, object }) {
    const finalizer = FINALIZERS.get(`${kind.group}/${kind.resource}`);
    if (!object || finalizer === undefined) return undefined;
    const metadata = (object.metadata ??= {});
    if (!metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
    return undefined;
  },
};
