// Kinds of paperplane.dev/v1 that only the root cluster serves.
import type { AnyKind } from "../define-kind.ts";
import { clusterKind } from "./cluster.ts";

export const ROOT_KINDS: readonly AnyKind[] = [clusterKind as unknown as AnyKind];
