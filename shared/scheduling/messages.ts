// The texts that tell why a pod waits, as upstream's FitError puts them (pkg/scheduler/framework/types.go).
import { byteLength, compareText } from "../meta/text.ts";

export const NO_NODES = "no nodes available to schedule pods";
export const GATED = "Scheduling is blocked due to non-empty scheduling gates";
/** An Event's note may be so long (upstream: validation.NoteLengthLimit). */
const NOTE_BYTES_MAX = 1024;

/** `counts`: reason to number of nodes. */
export function fitMessage(nodes: number, counts: ReadonlyMap<string, number>, after = ""): string {
  const reasons = Array.from(counts, ([reason, count]) => `${count} ${reason}`).sort(compareText);
  return join(nodes, reasons.join(", "), after);
}
/** The text for a pod that was refused before any node was looked at. */
export const refusedMessage = (nodes: number, reason: string, after = ""): string => join(nodes, reason, after);

function join(nodes: number, reason: string, after: string): string {
  const head = `0/${nodes} nodes are available:`;
  return `${head}${reason ? ` ${reason}.` : ""}${after ? ` ${after}` : ""}`;
}

/** A message cut to what an Event may carry. */
export function eventNote(message: string): string {
  if (byteLength(message) <= NOTE_BYTES_MAX) return message;
  let cut = message.slice(0, NOTE_BYTES_MAX - 4);
  while (byteLength(cut) > NOTE_BYTES_MAX - 4) cut = cut.slice(0, -1);
  return `${cut} ...`;
}
