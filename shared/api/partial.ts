// The metadata-only forms of objects and lists.
import type { AnyKind, KubeObject } from "../kinds/define-kind.ts";
import type { ObjectMeta } from "../kinds/_generated/types.ts";

export type MetaVersion = "v1" | "v1beta1";
export interface ListMetadata {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}
export interface PartialObjectMetadata {
  readonly kind: "PartialObjectMetadata";
  readonly apiVersion: string;
  readonly metadata: ObjectMeta;
}
export interface PartialObjectMetadataList {
  readonly kind: "PartialObjectMetadataList";
  readonly apiVersion: string;
  readonly metadata: ListMetadata;
  readonly items: readonly PartialObjectMetadata[];
}

export const metaApiVersion = (version: MetaVersion = "v1"): string => `meta.k8s.io/${version}`;

export const partialObjectMetadata = (object: KubeObject, version?: MetaVersion): PartialObjectMetadata => ({
  kind: "PartialObjectMetadata",
  apiVersion: metaApiVersion(version),
  metadata: object.metadata ?? {},
});
export const partialObjectMetadataList = (objects: readonly KubeObject[], metadata: ListMetadata, version?: MetaVersion): PartialObjectMetadataList => ({
  kind: "PartialObjectMetadataList",
  apiVersion: metaApiVersion(version),
  metadata,
  items: objects.map((object) => partialObjectMetadata(object, version)),
});

/** An object as forms made of its metadata show it. */
export function publicMetadata(kind: AnyKind, object: KubeObject): KubeObject {
  const { annotations } = object.metadata ?? {};
  if (!kind.hiddenAnnotations || !annotations) return object;
  const { annotations: _annotations, ...metadata } = object.metadata ?? {};
  const shown = Object.entries(annotations).filter(([name]) => kind.hiddenAnnotations?.includes(name) !== true);
  return { ...object, metadata: { ...metadata, ...(shown.length > 0 ? { annotations: Object.fromEntries(shown) } : {}) } };
}
