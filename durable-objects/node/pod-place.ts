// What those who answer for a pod are lent by the node's actor.
import type { Status } from "../../shared/errors/status.ts";
import type { Pod } from "../../shared/kinds/_generated/types.ts";
import type { Kubelet, NodeConfig, NodeState, NodeWorld, PodEntry } from "../../shared/sim/node.ts";
import type { Followers } from "./followers.ts";
import type { NodeStorage } from "./node-storage.ts";

/** What the actor lends to those who answer. */
export interface PodPlace {
  readonly config: NodeConfig;
  readonly kubelet: Kubelet;
  readonly storage: NodeStorage;
  readonly followers: Followers;
  state(): NodeState;
  now(): number;
  world(pods: readonly Pod[]): Promise<NodeWorld>;
  /** Files that a command has written into a container. */
  disturb(uid: string, container: string, files: Readonly<Record<string, string>>): void;
}
export interface Addressed {
  readonly entry: PodEntry;
  readonly container: string;
}

export const refuse = (status: Status): Response => Response.json(status, { status: status.code });
