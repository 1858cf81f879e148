// volumeClaimTemplates of a StatefulSet: defaults, checks, and the volumes they stand for in the pod template.
import type { FieldError } from "../../errors/field-error.ts";
import { canonicalQuantity, isWholeQuantity } from "../../meta/quantity.ts";
import type { PersistentVolumeClaim, PodTemplateSpec, Volume } from "../_generated/types.ts";
import { checkClaimTemplate } from "../_parts/validate-claim-template.ts";

export function defaultClaimTemplate(claim: PersistentVolumeClaim): void {
  claim.apiVersion = "v1";
  claim.kind = "PersistentVolumeClaim";
  claim.metadata ??= {};
  const spec = (claim.spec ??= {});
  spec.resources ??= {};
  spec.volumeMode ??= "Filesystem";
  const status = (claim.status ??= {});
  status.phase ||= "Pending";
}
export function validateClaimTemplates(claims: readonly PersistentVolumeClaim[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  claims.forEach((claim, index) => checkClaimTemplate(errors, `${field}[${index}]`, claim.spec ? { spec: claim.spec } : {}));
  return errors;
}

export function claimTemplateWarnings(claims: readonly PersistentVolumeClaim[], field: string, step: string): string[] {
  return claims.flatMap(({ spec }, index) =>
    (["requests", "limits"] as const).flatMap((list) => {
      const storage = spec?.resources?.[list]?.["storage"];
      if (storage === undefined || isWholeQuantity(storage)) return [];
      const shown = JSON.stringify(canonicalQuantity(storage) ?? storage);
      return [`${field}[${index}]${step}.resources.${list}[storage]: fractional byte value ${shown} is invalid, must be an integer`];
    }),
  );
}

/**
 * The template as its pods will see it: a volume for each claim replaces one of the same name, and what the controller
 * sets for each pod is left out.
 */
export function withClaimVolumes(submitted: PodTemplateSpec, claims: readonly PersistentVolumeClaim[]): PodTemplateSpec {
  const { hostname: _hostname, subdomain: _subdomain, ...spec } = submitted.spec ?? {};
  const template = { ...submitted, spec };
  if (claims.length === 0) return template;
  const names = new Set(claims.map((claim) => claim.metadata?.name ?? ""));
  const volumes: Volume[] = [...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name, readOnly: false } }));
  const kept = (spec.volumes ?? []).filter((volume) => !names.has(volume.name ?? ""));
  return { ...template, spec: { ...spec, volumes: [...volumes, ...kept] } };
}
