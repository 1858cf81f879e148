// DefaultStorageClass: a claim that names no storage class gets the default one.
// As upstream: plugin/pkg/admission/storage/storageclass/setdefault/admission.go.
import type { PersistentVolumeClaim } from "../kinds/_generated/types.ts";
import { defaultClassName } from "./default-classes.ts";
import type { AdmissionPlugin } from "./plugin.ts";

const CLASSES = "storage.k8s.io/storageclasses";
const MARKS = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
const OLD_ANNOTATION = "volume.beta.kubernetes.io/storage-class";

export const defaultStorageClass: AdmissionPlugin = {
  name: "DefaultStorageClass",
  facts: [CLASSES],
  handles: (resource, operation, subresource) => resource === "/persistentvolumeclaims" && operation === "CREATE" && subresource === "",
  admit(request, facts) {
    const claim: PersistentVolumeClaim = request.object ?? {};
    if (claim.metadata?.annotations?.[OLD_ANNOTATION] !== undefined || claim.spec?.storageClassName !== undefined) return undefined;
    const name = defaultClassName(facts.list(CLASSES), MARKS);
    if (name !== undefined) (claim.spec ??= {}).storageClassName = name;
    return undefined;
  },
};
