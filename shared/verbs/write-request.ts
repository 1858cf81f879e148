// What an API worker or a controller asks of a store, and what it answers: plain values that cross actors.
import type { Status } from "../errors/status.ts";
import type { Propagation } from "../reconcile/controller.ts";

export type PatchType = "json" | "merge" | "strategic" | "apply";
export type FieldValidation = "Strict" | "Warn" | "Ignore";

export interface WriteOptions {
  readonly dryRun?: boolean;
  /** Who is written into managedFields. */
  readonly fieldManager: string;
  readonly fieldValidation?: FieldValidation;
  /** Apply: take over fields of others. */
  readonly force?: boolean;
  /** Only how it went is of interest: the answer goes without the object. */
  readonly brief?: boolean;
}
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: Propagation;
  readonly orphanDependents?: boolean;
  readonly uid?: string;
  readonly resourceVersion?: string;
}
export interface Selection {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Only what comes behind this key: how a collection goes on that is deleted in parts. */
  readonly after?: { readonly namespace: string; readonly name: string };
}

interface Common {
  /** API version of the request; objects are converted where it is not the stored one. */
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: { readonly username: string; readonly groups: readonly string[] };
  readonly options: WriteOptions;
}
export type WriteRequest = Common &
  (
    | {
        /** `text`: the object, decoded, defaulted, admitted, validated; only what needs the store is missing. */
        readonly verb: "create";
        readonly text: string;
      }
    | {
        /** `text`: the object as sent, decoded and defaulted. */
        readonly verb: "update";
        readonly text: string;
        readonly subresource?: string;
      }
    | {
        readonly verb: "patch";
        readonly text: string;
        readonly patchType: PatchType;
        readonly subresource?: string;
      }
    | {
        /** POST to a subresource that changes the object, as binding. */
        readonly verb: "post";
        readonly text: string;
        readonly subresource: string;
      }
    | { readonly verb: "delete"; readonly delete: DeleteOptions }
    | { readonly verb: "deleteCollection"; readonly delete: DeleteOptions; readonly selection: Selection }
  );

/** `text` is an object in the requested version without kind and apiVersion, `{"metadata":...}`; or a whole other document. */
export type WriteResult =
  | {
      readonly ok: true;
      readonly code: number;
      readonly text: string;
      /** What the text is: the resource's own kind, or another with its own kind and apiVersion inside. */
      readonly form: "object" | "whole";
      readonly warnings?: readonly string[];
    }
  | {
      /** A collection was deleted, or a part of it: `text` holds the objects as JSON texts with commas between, `head` the metadata of their list. */
      readonly ok: true;
      readonly code: number;
      readonly form: "items";
      readonly text: string;
      readonly head: string;
      /** Where the rest begins: to be asked for with `selection.after`. */
      readonly next?: { readonly namespace: string; readonly name: string };
      readonly warnings?: readonly string[];
    }
  | { readonly ok: false; readonly status: Status; readonly warnings?: readonly string[] };
