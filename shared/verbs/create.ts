// What CREATE means for any kind: system metadata, preparation, validation. As upstream: apiserver registry/rest/create.go.
import { err, ok, type Result } from "../base/result.ts";
import { badRequest, failure, invalidStatus, type Status } from "../errors/status.ts";
import type { AnyKind, KubeObject, WriteContext } from "../kinds/define-kind.ts";
import { randomSuffix } from "../meta/hash.ts";
import { rfc3339 } from "../meta/time.ts";
import { normalize } from "../schema/fill.ts";
import { validateMeta } from "../meta/validate-meta.ts";

/** Room for the five random characters: upstream cuts the prefix at 58 (apiserver storage/names/generate.go). */
const GENERATED_PREFIX_MAX = 58;
/** Another name is tried so often when a generated one is taken (upstream generic/registry/store.go). */
export const GENERATE_NAME_ATTEMPTS = 8;

/** A name for a generateName prefix. */
export const generatedName = (prefix: string, context: WriteContext): string => prefix.slice(0, GENERATED_PREFIX_MAX) + randomSuffix(context.ports);

/** Refuses a namespace in the object that is not the request's, and fills it in; mutates. */
export function matchNamespace(kind: AnyKind, object: KubeObject, namespace: string): Status | undefined {
  const metadata = (object.metadata ??= {});
  if (!kind.namespaced) {
    if (metadata.namespace) delete metadata.namespace;
    return undefined;
  }
  if (metadata.namespace && metadata.namespace !== namespace) {
    return badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  metadata.namespace = namespace;
  return undefined;
}

/** Sets what only the server may set, before admission; mutates. */
export function fillSystemMetadata(object: KubeObject, context: WriteContext): void {
  const metadata = (object.metadata ??= {});
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  metadata.uid = context.ports.uid();
  metadata.creationTimestamp = rfc3339(context.ports.now());
}

/**
 * Prepares a decoded, defaulted and admitted object for storing; mutates it. All field errors come in one Status.
 * The object must already carry system metadata (fillSystemMetadata).
 */
export function prepareCreate(kind: AnyKind, object: KubeObject, context: WriteContext): Result<string[], Status> {
  const metadata = (object.metadata ??= {});
  if (metadata.resourceVersion && !context.dryRun) {
    return err(failure(500, undefined as unknown as string, "resourceVersion should not be set on objects to be created"));
  }
  delete metadata.resourceVersion;
  if (!metadata.name && metadata.generateName) metadata.name = generatedName(metadata.generateName, context);
  kind.prepareForCreate(object, context);
  normalize(object, kind.schema);
  const errors = [...validateMeta(kind, object), ...kind.validate(object, context)];
  if (errors.length > 0) return err(invalidStatus({ group: kind.group, resource: kind.kind }, metadata.name ?? "", errors));
  return ok(kind.warnings(object, undefined));
}
