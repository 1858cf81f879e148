// What the stores tell a scheduler: short texts that say which object may have changed, never what to do.
import type { WatchedSort } from "./scheduler.ts";
import type { PodView } from "./views.ts";

/** A short text for the scheduler's actor: see `parseNotice`. */
export type Notice =
  /** This object may have changed. `wants`: it is a pod that waits for a node. */
  | { readonly is: "changed"; readonly sort: WatchedSort; readonly key: string; readonly wants: boolean }
  /** This pod was made and waits for a node. Said with all there is to know of it, or the scheduler would ask. */
  | { readonly is: "new"; readonly view: PodView }
  /** This pod is no more. Another one may have its name. */
  | { readonly is: "gone"; readonly key: string; readonly uid: string }
  /** This pod has a node now. */
  | { readonly is: "bound"; readonly key: string; readonly uid: string; readonly nodeName: string };

const NEW = "new ";

export function noticeText(notice: Notice): string {
  if (notice.is === "new") return NEW + JSON.stringify(notice.view);
  if (notice.is === "gone") return `gone ${notice.key} ${notice.uid}`;
  if (notice.is === "bound") return `bound ${notice.key} ${notice.uid} ${notice.nodeName}`;
  return `${notice.wants ? "wants" : "changed"} ${notice.key} ${notice.sort}`;
}
export function parseNotice(text: string): Notice {
  if (text.startsWith(NEW)) return { is: "new", view: JSON.parse(text.slice(NEW.length)) as PodView };
  const [is = "", key = "", third = "", nodeName = ""] = text.split(" ");
  if (is === "gone") return { is, key, uid: third };
  if (is === "bound") return { is, key, uid: third, nodeName };
  return { is: "changed", sort: third as WatchedSort, key, wants: is === "wants" };
}
/** A pod that waits for a node: then the scheduler has to wake. */
export const isWish = (text: string): boolean => text.startsWith(NEW) || text.startsWith("wants ");
