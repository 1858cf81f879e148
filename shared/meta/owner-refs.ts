// Who owns an object: reading and making metadata.ownerReferences.
import type { ObjectMeta, OwnerReference } from "../kinds/_generated/types.ts";

interface Owned {
  metadata?: ObjectMeta;
}

/** The one owner that manages the object. */
export const controllerOf = (object: Owned): OwnerReference | undefined => object.metadata?.ownerReferences?.find((ref) => ref.controller === true);

export function isControlledBy(object: Owned, owner: Owned): boolean {
  const uid = controllerOf(object)?.uid;
  return uid !== undefined && uid === owner.metadata?.uid;
}

/** A controlling reference to `owner`. As upstream: metav1.NewControllerRef. */
export const ownerRef = (owner: Owned, kind: { readonly apiVersion: string; readonly kind: string }): OwnerReference => ({
  apiVersion: kind.apiVersion,
  kind: kind.kind,
  name: owner.metadata?.name ?? "",
  uid: owner.metadata?.uid ?? "",
  controller: true,
  blockOwnerDeletion: true,
});
