// Warnings about files of one volume that lie in each other's way (upstream: pkg/api/pod/warnings.go).
import type { Volume, VolumeProjection } from "../_generated/types.ts";

interface Placed {
  readonly path: string;
  /** Where it comes from, "" when the volume has one source only. */
  readonly source: string;
}
const quoted = JSON.stringify;
const show = ({ path, source }: Placed): string => (source === "" ? quoted(path) : `${quoted(path)} (${source})`);
const trimmed = (path: string): string => {
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") end--;
  return path.slice(0, end);
};
const overlap = (a: string, b: string): boolean => a !== "" && b !== "" && (`${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`));

function overlaps(placed: Placed[], more: readonly Placed[]): string[] {
  const out: string[] = [];
  for (const { path, source } of more) {
    const own = { path: trimmed(path), source };
    for (const other of placed) if (overlap(own.path, other.path)) out.push(`${show(own)} with ${show(other)}`);
    placed.push(own);
  }
  return out;
}
const pathsOf = (items: readonly { path?: string }[] | undefined, source: string): Placed[] => (items ?? []).map(({ path = "" }) => ({ path, source }));

function projectedPaths({ configMap, secret, downwardAPI, serviceAccountToken }: VolumeProjection): Placed[] {
  if (configMap?.items) return pathsOf(configMap.items, `ConfigMap ${quoted(configMap.name ?? "")}`);
  if (secret?.items) return pathsOf(secret.items, `Secret ${quoted(secret.name ?? "")}`);
  if (downwardAPI?.items) return pathsOf(downwardAPI.items, "DownwardAPI");
  return serviceAccountToken ? [{ path: serviceAccountToken.path ?? "", source: "ServiceAccountToken" }] : [];
}
export function overlapWarnings(volumes: readonly Volume[]): string[] {
  const out: string[] = [];
  for (const { name = "", configMap, secret, downwardAPI, projected } of volumes) {
    const warn = (what: string, found: readonly string[]): void => {
      for (const body of found) out.push(`volume ${quoted(name)} (${what}): overlapping paths: ${body}`);
    };
    if (configMap?.items) warn(`ConfigMap ${quoted(configMap.name ?? "")}`, overlaps([], pathsOf(configMap.items, "")));
    if (secret?.items) warn(`Secret ${quoted(secret.secretName ?? "")}`, overlaps([], pathsOf(secret.items, "")));
    if (downwardAPI?.items) warn("DownwardAPI", overlaps([], pathsOf(downwardAPI.items, "")));
    const placed: Placed[] = [];
    for (const source of projected?.sources ?? []) {
      if (Object.values(source).every((part) => part === undefined)) out.push(`volume ${quoted(name)} (Projected) has no sources provided`);
      else warn("Projected", overlaps(placed, projectedPaths(source)));
    }
  }
  return out;
}
