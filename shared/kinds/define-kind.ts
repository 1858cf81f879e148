// The contract of a kind: everything the system may ask about it. Engines ask, a kind answers; no engine names a kind.
import type { Json } from "../base/json.ts";
import { equalJson } from "../base/json.ts";
import type { EpochMs, Ports } from "../base/ports.ts";
import type { FieldError } from "../errors/field-error.ts";
import type { ObjectMeta } from "./_generated/types.ts";
import { factsOf, type KindFacts } from "./kind-facts.ts";

export type { KindFacts, SubresourceFacts } from "./kind-facts.ts";

/** Any object of any kind. Members of a decoded object have the types of its schema; any may be absent. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}

/** What a kind may know while a request is being prepared. */
export interface WriteContext {
  readonly ports: Ports;
  /** Who asks: `username` as in RBAC, `groups`. */
  readonly user: { readonly username: string; readonly groups: readonly string[] };
  readonly dryRun: boolean;
  readonly subresource?: string;
  /** Scheme and host under which the client reached the server, as `http://127.0.0.1:8787`. A function: hardly a kind asks. */
  readonly serverUrl?: () => string;
}

export interface ColumnDefinition {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly format?: "name";
  readonly description?: string;
  /** 0: always shown; 1: with -o wide. */
  readonly priority: number;
}
export interface TablePrinter<T> {
  readonly columns: readonly ColumnDefinition[];
  /** One cell for each column. `now` is the server's clock, for ages. */
  row(object: T, now: EpochMs): Json[];
  /** The order of a list's rows, when it is not that of names. */
  order?(a: T, b: T): number;
}

/** How an update of the main resource or of a subresource changes and checks an object that exists. */
export interface UpdateStrategy<T> {
  /** Mutates `next`: puts back what this way of writing may not change, counts generation. Never mutates `stored`. */
  prepare(next: T, stored: T, context: WriteContext): void;
  /** After `prepare` and defaulting. Checks `next` itself and the step from `stored` to it. */
  validate(next: T, stored: T, context: WriteContext): FieldError[];
}

/** Where a kind keeps what the scale subresource (autoscaling/v1 Scale) speaks of. */
export interface ScaleAnswers<T> {
  replicas(object: T): number;
  setReplicas(object: T, replicas: number): void;
  statusReplicas(object: T): number;
  /** The selector in string form, as `a=b,c in (d)`. */
  selector(object: T): string;
}

/** Deletion that takes time: which grace period applies, and whether the object must first be marked. */
export interface GracefulDelete<T> {
  /**
   * Seconds of grace for a DELETE that asked for `requested` (undefined: not said). 0 deletes at once.
   * As upstream: rest.RESTGracefulDeleteStrategy, pkg/registry/core/pod/strategy.go.
   */
  gracePeriodSeconds(object: T, requested: number | undefined): number;
}

/** Values of which no two objects of a cluster may hold the same: cluster IPs, node ports, pod CIDRs. */
export interface Allocation<T> {
  /** The tokens that this object holds, for instance `ip:10.96.0.7` or `port:31515/TCP`. */
  claims(object: T): string[];
  /**
   * Fills in what the object wants but does not name, and checks what it names; mutates `next`. Runs in the store's
   * transaction. `taken` answers whether another object holds a token.
   */
  allocate(next: T, stored: T | undefined, taken: (token: string) => boolean, ports: Ports): FieldError[];
}

/** A version of a resource whose objects are stored in the form of another version. */
export interface Conversion {
  /** Mutates and returns an object of this version as the stored version. */
  toStored(object: KubeObject): KubeObject;
  fromStored(object: KubeObject): KubeObject;
}

export interface KindAnswers<T extends KubeObject> {
  /** Fills in defaults; mutates; idempotent. The object is freshly decoded and has the types of its schema. */
  defaults(object: T): void;
  /** Messages of what is wrong with a name (empty: fine). `prefix`: it is a generateName prefix. As upstream ValidateXName. */
  nameRule(name: string, prefix: boolean): string[];
  /** Mutates a new object before validation: drops status, sets generation and initial status as upstream PrepareForCreate. */
  prepareForCreate(object: T, context: WriteContext): void;
  /** All that is wrong with a new object, except metadata (checked for every kind in shared/verbs/validate-meta.ts). */
  validate(object: T, context: WriteContext): FieldError[];
  update: UpdateStrategy<T>;
  /** Subresources that are written by PUT and PATCH of the whole object (status, ephemeralcontainers, resize, approval ...). */
  subresources: Readonly<Record<string, UpdateStrategy<T>>>;
  scale?: ScaleAnswers<T>;
  /** Texts for Warning headers about a write; `stored` is undefined on create. */
  warnings(object: T, stored: T | undefined): string[];
  /** The same about a DELETE; `propagation` is what the request says about dependents, undefined when it says nothing. */
  deleteWarnings(options: { readonly propagation: string | undefined }): string[];
  /** Warns about every use of the kind, reading included: what to use instead. */
  deprecation?: string;
  /** PUT on a name that does not exist makes it (Endpoints, Leases, Events ...). */
  allowCreateOnUpdate: boolean;
  /** PUT without resourceVersion is accepted. */
  allowUnconditionalUpdate: boolean;
  /** DELETE answers with the object instead of a Status. */
  deleteReturnsObject: boolean;
  gracefulDelete?: GracefulDelete<T>;
  /** Default propagation when DELETE does not say (upstream DefaultGarbageCollectionPolicy). */
  defaultPropagation: "background" | "orphan";
  /** Finalizer-like blocks on real deletion besides metadata.finalizers, as spec.finalizers of a Namespace. */
  blocksDeletion(object: T): boolean;
  /** Mutates the object when its deletion begins, as a Namespace's phase turns Terminating. */
  markDeleting(object: T, context: WriteContext): void;
  /** Field selectors besides metadata.name and metadata.namespace. */
  selectableFields: Readonly<Record<string, (object: T) => string>>;
  table: TablePrinter<T>;
  /** Annotations that stand for fields of the internal type: forms made of metadata alone do not show them. */
  hiddenAnnotations?: readonly string[];
  allocation?: Allocation<T>;
  conversion?: Conversion;
  /** Answers virtual requests (SubjectAccessReview ...) without storing anything; see shared/subresources. */
  virtual: boolean;
  /** Group/resource whose store keeps the objects when it is not its own, as `events` for events.k8s.io. */
  storedIn?: string;
}

export type Kind<T extends KubeObject = KubeObject> = KindFacts & KindAnswers<T>;

/** A kind among others: what T is does not matter to an engine. The one type erasure of the system. */
export type AnyKind = Kind<KubeObject>;

const sameExcept = (a: object, b: object, left: readonly string[]): boolean => {
  const strip = (o: object): object => Object.fromEntries(Object.entries(o).filter(([key]) => !left.includes(key)));
  return equalJson(strip(a), strip(b));
};

/** Generation counts changes of everything but metadata and status (upstream: each strategy's PrepareForUpdate). */
export function countGeneration(next: KubeObject, stored: KubeObject, also = false): void {
  const generation = stored.metadata?.generation;
  const metadata = (next.metadata ??= {});
  if (generation === undefined) delete metadata.generation;
  else metadata.generation = !also && sameExcept(next, stored, ["metadata", "status", "kind", "apiVersion"]) ? generation : generation + 1;
}

interface WithStatus extends KubeObject {
  status?: unknown;
}
const keepStatus = (next: WithStatus, stored: WithStatus): void => {
  if (stored.status === undefined) delete next.status;
  else next.status = stored.status;
};

export interface StatusOptions {
  /** Labels stay as they are, too (upstream: some strategies put them back, most do not). */
  readonly keepsLabels?: boolean;
}
/** The usual status strategy: of the request only status and metadata are taken. */
export function statusStrategy<T extends KubeObject>(validate: UpdateStrategy<T>["validate"] = () => [], options: StatusOptions = {}): UpdateStrategy<T> {
  return {
    prepare(next, stored) {
      const target = next as Record<string, unknown>;
      const source = stored as Record<string, unknown>;
      for (const key of Object.keys(target)) {
        if (!["metadata", "status", "kind", "apiVersion"].includes(key)) delete target[key];
      }
      for (const key of Object.keys(source)) {
        if (!["metadata", "status", "kind", "apiVersion"].includes(key)) target[key] = source[key];
      }
      const { generation, labels } = stored.metadata ?? {};
      if (!next.metadata) return;
      if (generation !== undefined) next.metadata.generation = generation;
      if (!options.keepsLabels) return;
      if (labels) next.metadata.labels = labels;
      else delete next.metadata.labels;
    },
    validate,
  };
}

/** What a kind file writes: its facts come from the table, all answers have defaults. */
export type KindDefinition<T extends KubeObject> = Partial<
  Omit<KindAnswers<T>, "update"> & {
    /** Kinds with metadata.generation (those with a spec that controllers follow) say true. */
    generation: boolean;
    /** Changes besides those of the spec that generation counts, as a Deployment's annotations. */
    generationAlso(next: T, stored: T): boolean;
    update: Partial<UpdateStrategy<T>>;
  }
>;

const NAME_ONLY: TablePrinter<KubeObject> = {
  columns: [
    { name: "Name", type: "string", format: "name", priority: 0 },
    { name: "Created At", type: "date", priority: 0 },
  ],
  row: (object) => [object.metadata?.name ?? "", object.metadata?.creationTimestamp ?? null],
};

/**
 * Makes a kind from `id` (`v1/pods`, `apps/v1/deployments`) and its answers.
 * Throws at start-up when neither the table of a real server nor our own knows such a resource.
 */
export function defineKind<T extends KubeObject>(id: string, definition: KindDefinition<T> = {}): Kind<T> {
  const facts = factsOf(id);
  const hasStatus = facts.subresourceFacts.some((sub) => sub.name === "status");
  const { update, generation = false, generationAlso, subresources, prepareForCreate, ...answers } = definition;
  const validate = definition.validate ?? (() => []);
  return {
    ...facts,
    defaults: () => {},
    nameRule: () => [],
    warnings: () => [],
    deleteWarnings: () => [],
    allowCreateOnUpdate: false,
    allowUnconditionalUpdate: true,
    deleteReturnsObject: false,
    defaultPropagation: "background",
    blocksDeletion: () => false,
    markDeleting: () => {},
    selectableFields: {},
    table: NAME_ONLY,
    virtual: false,
    ...answers,
    prepareForCreate(object, context) {
      if (hasStatus) delete (object as WithStatus).status;
      if (generation) (object.metadata ??= {}).generation = 1;
      prepareForCreate?.(object, context);
    },
    validate,
    update: {
      prepare(next, stored, context) {
        if (hasStatus) keepStatus(next, stored);
        update?.prepare?.(next, stored, context);
        if (generation) countGeneration(next, stored, generationAlso?.(next, stored));
        else if (stored.metadata?.generation === undefined && next.metadata) delete next.metadata.generation;
      },
      validate: update?.validate ?? ((next, _stored, context) => validate(next, context)),
    },
    subresources: { ...(hasStatus ? { status: statusStrategy<T>() } : {}), ...subresources },
  };
}
