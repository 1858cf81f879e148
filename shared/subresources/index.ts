// Subresources that are POSTed and change the object they belong to; a kind declares that it has one in its facts.
import type { JsonObject } from "../base/json.ts";
import type { Result } from "../base/result.ts";
import type { Status } from "../errors/status.ts";
import type { KubeObject, WriteContext } from "../kinds/define-kind.ts";
import { bind } from "./binding.ts";

/** Returns a changed copy of `stored`, or why not. */
export type PostSubresource = (stored: KubeObject, body: JsonObject, context: WriteContext) => Result<KubeObject, Status>;

export const POST_SUBRESOURCES: Readonly<Record<string, PostSubresource>> = { binding: bind };
