// What the stores tell a scheduler: short texts that say which object may have changed, never what to do.
import type { WatchedSort } from "./scheduler.ts";

/** A short text for the scheduler's actor: see `parseNotice`. */
export type Notice =
  /** This object may have changed. `wants`: it is a pod that waits for a node. */
  | { readonly is: "changed"; readonly sort: WatchedSort; readonly key: string; readonly wants: boolean }
  /** This pod has a node now. */
  | { readonly is: "bound"; readonly key: string; readonly uid: string; readonly nodeName: string };

export function noticeText(notice: Notice): string {
  if (notice.is === "bound") return `bound ${notice.key} ${notice.uid} ${notice.nodeName}`;
  return `${notice.wants ? "wants" : "changed"} ${notice.key} ${notice.sort}`;
}
export function parseNotice(text: string): Notice {
  const [is = "", key = "", third = "", nodeName = ""] = text.split(" ");
  if (is === "bound") return { is, key, uid: third, nodeName };
  return { is: "changed", sort: third as WatchedSort, key, wants: is === "wants" };
}
/** A pod that waits for a node: then the scheduler has to wake. */
export const isWish = (text: string): boolean => {
  const notice = parseNotice(text);
  return notice.is === "changed" && notice.wants;
};
