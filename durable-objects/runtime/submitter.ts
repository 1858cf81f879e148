// How actors write: the same defaulting, admission and validation as a request over HTTP, in process, under their own name.
import { cloneJson } from "../../shared/base/json.ts";
import type { AdmissionPlugin, PolicyFacts } from "../../shared/admission/plugin.ts";
import type { Ports } from "../../shared/base/ports.ts";
import type { Result } from "../../shared/base/result.ts";
import type { Status } from "../../shared/errors/status.ts";
import type { AnyKind, KubeObject, WriteContext } from "../../shared/kinds/define-kind.ts";
import { factsNeeded, submitCreate, type Submitted } from "../../shared/verbs/submit.ts";
import type { PolicySnapshot } from "../client/policy.ts";
import type { Stores } from "../client/stores.ts";

/** Who writes, and what that takes. */
export interface Submitter {
  readonly stores: Stores;
  readonly ports: Ports;
  readonly username: string;
  /** Field manager, as `kube-controller-manager`. */
  readonly manager: string;
  readonly plugins: readonly AdmissionPlugin[];
}
const FORBIDDEN = 403;
const GROUPS = ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"];

export const admissionContext = (submitter: Submitter): WriteContext => ({
  ports: submitter.ports,
  user: { username: submitter.username, groups: GROUPS },
  dryRun: false,
});

export interface Write {
  readonly kind: AnyKind;
  readonly object: KubeObject;
  readonly namespace: string;
  readonly fieldManager?: string;
}

function submit(submitter: Submitter, write: Write, plugins: readonly AdmissionPlugin[], facts: PolicyFacts): Result<Submitted, Status> {
  const options = { fieldManager: write.fieldManager ?? submitter.manager, brief: true };
  return submitCreate({ kind: write.kind, object: write.object, namespace: write.namespace, options, context: admissionContext(submitter) }, plugins, facts);
}

/** So many new objects are worth a call: nothing is made of what was true a second ago. */
const MANY = 32;

/** Prepares new objects of one kind; asks once more with fresh facts for those that stale ones refused. `fresh`: asks for no others. */
export async function prepareWrites(
  submitter: Submitter,
  policy: PolicySnapshot,
  writes: readonly Write[],
  { fresh = false }: { readonly fresh?: boolean } = {},
): Promise<Result<Submitted, Status>[]> {
  const [first] = writes;
  if (!first) return [];
  const needed = factsNeeded(submitter.plugins, first.kind, "CREATE");
  const now = submitter.ports.now();
  const facts = await policy.facts(submitter.stores, needed, { now, fresh });
  const results = writes.map((write) => submit(submitter, { ...write, object: cloneJson(write.object) }, submitter.plugins, facts));
  if (fresh || results.every((result) => result.ok)) return results;
  const asked = await policy.facts(submitter.stores, needed, { now, fresh: true });
  return results.map((result, index) => {
    const write = writes[index];
    return result.ok || !write ? result : submit(submitter, write, submitter.plugins, asked);
  });
}

/**
 * Prepares what a plan creates, until somebody forbids the first of it: the rest is not tried then, and has no result.
 * As upstream: pkg/controller/controller_utils.go slowStartBatch, which begins with one, too.
 */
export async function prepareCreations(submitter: Submitter, policy: PolicySnapshot, writes: readonly Write[]): Promise<Result<Submitted, Status>[]> {
  const first = await prepareWrites(submitter, policy, writes.slice(0, 1), { fresh: writes.length >= MANY });
  if (first.some((result) => !result.ok && result.error.code === FORBIDDEN)) return first;
  return [...first, ...(await prepareWrites(submitter, policy, writes.slice(1)))];
}
