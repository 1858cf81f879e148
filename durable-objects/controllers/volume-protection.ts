// Protection of claims, volumes and their classes: what is in use is not deleted under its users.
// As upstream: pkg/controller/volume/{pvcprotection,pvprotection,vacprotection}.
import type { PersistentVolume, PersistentVolumeClaim, Pod } from "../../shared/kinds/_generated/types.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { type Action, defineController, keyOf, NOTHING } from "../../shared/reconcile/controller.ts";
import { isDeleting, nameOf, namespaceOf, plan, type Queries, seen } from "./_parts/world.ts";

const CLAIMS = "/persistentvolumeclaims";
const VOLUMES = "/persistentvolumes";
const PODS = "/pods";
const CLASSES = "storage.k8s.io/volumeattributesclasses";
const CLASS_FINALIZER = "kubernetes.io/vac-protection";
const CLAIM_FINALIZER = "kubernetes.io/pvc-protection";
const VOLUME_FINALIZER = "kubernetes.io/pv-protection";

interface ClaimUser {
  readonly claims: readonly string[];
  /** Pods that were never started, or are over, use nothing. */
  readonly uses: boolean;
}
/** Claims that a pod names, those of its ephemeral volumes (`<pod>-<volume>`) included. */
const claimsOf = (pod: Pod): string[] =>
  (pod.spec?.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim?.claimName) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral ? [`${nameOf(pod as KubeObject)}-${volume.name ?? ""}`] : [];
  });
const isOver = (pod: Pod): boolean => pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";

const held = (object: KubeObject, finalizer: string): boolean => isDeleting(object) && (object.metadata?.finalizers ?? []).includes(finalizer);

function release(resource: string, object: KubeObject, finalizer: string): Action {
  const { uid, resourceVersion, finalizers = [] } = object.metadata ?? {};
  const patch = { metadata: { uid: uid ?? "", resourceVersion: resourceVersion ?? "", finalizers: finalizers.filter((one) => one !== finalizer) } };
  return { do: "patch", resource, namespace: namespaceOf(object), name: nameOf(object), type: "merge", patch };
}

export const persistentVolumeClaimProtectionController = defineController<PersistentVolumeClaim & KubeObject>({
  name: "persistentvolumeclaim-protection-controller",
  root: CLAIMS,
  triggers: [
    { resource: CLAIMS, hints: (next) => (next && held(next, CLAIM_FINALIZER) ? [keyOf(next)] : []) },
    {
      resource: PODS,
      hints(next, old) {
        const pod = (next ?? old) as Pod;
        const ended = next === undefined || isOver(next as Pod);
        return ended ? claimsOf(pod).map((claim) => `${namespaceOf(pod as KubeObject)}/${claim}`) : [];
      },
    },
  ],
  views: {
    users: {
      resource: PODS,
      project: (pod): ClaimUser => ({ claims: claimsOf(pod as Pod), uses: (pod as Pod).spec?.nodeName !== undefined && !isOver(pod as Pod) }),
    },
  },
  needs: (_key, claim): Queries => (claim && held(claim, CLAIM_FINALIZER) ? { users: { view: "users", namespace: namespaceOf(claim) } } : {}),
  reconcile(_key, claim, world) {
    if (!claim || !held(claim, CLAIM_FINALIZER)) return NOTHING;
    const users = seen(world, "users") as readonly ClaimUser[];
    if (users.some(({ claims, uses }) => uses && claims.includes(nameOf(claim)))) return NOTHING;
    return plan([release(CLAIMS, claim, CLAIM_FINALIZER)]);
  },
});

export const persistentVolumeProtectionController = defineController<PersistentVolume & KubeObject>({
  name: "persistentvolume-protection-controller",
  root: VOLUMES,
  triggers: [{ resource: VOLUMES, hints: (next) => (next && held(next, VOLUME_FINALIZER) ? [keyOf(next)] : []) }],
  views: {},
  needs: () => ({}),
  reconcile(_key, volume) {
    if (!volume || !held(volume, VOLUME_FINALIZER) || volume.status?.phase === "Bound") return NOTHING;
    return plan([release(VOLUMES, volume, VOLUME_FINALIZER)]);
  },
});

/** The classes that a claim or a volume wants or has. */
const classesOf = (object: KubeObject): string[] => {
  const { spec = {}, status = {} } = object as PersistentVolumeClaim;
  const names = [spec.volumeAttributesClassName, status.currentVolumeAttributesClassName, status.modifyVolumeStatus?.targetVolumeAttributesClassName];
  return names.flatMap((name) => (name === undefined || name === "" ? [] : [name]));
};
const freed = (next: KubeObject | undefined, old: KubeObject | undefined): string[] =>
  old === undefined
    ? []
    : classesOf(old)
        .filter((name) => next === undefined || !classesOf(next).includes(name))
        .map((name) => `/${name}`);

export const volumeAttributesClassProtectionController = defineController<KubeObject>({
  name: "volumeattributesclass-protection-controller",
  root: CLASSES,
  triggers: [
    { resource: CLASSES, hints: (next) => (next && held(next, CLASS_FINALIZER) ? [keyOf(next)] : []) },
    { resource: CLAIMS, hints: freed },
    { resource: VOLUMES, hints: freed },
  ],
  views: { claims: { resource: CLAIMS, project: classesOf }, volumes: { resource: VOLUMES, project: classesOf } },
  needs: (_key, root): Queries => (root && held(root, CLASS_FINALIZER) ? { claims: { view: "claims" }, volumes: { view: "volumes" } } : {}),
  reconcile(_key, root, world) {
    if (!root || !held(root, CLASS_FINALIZER)) return NOTHING;
    const users = [...(seen(world, "claims") as readonly string[][]), ...(seen(world, "volumes") as readonly string[][])];
    return users.some((names) => names.includes(nameOf(root))) ? NOTHING : plan([release(CLASSES, root, CLASS_FINALIZER)]);
  },
});
