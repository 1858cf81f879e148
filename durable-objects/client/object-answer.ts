// How the API worker asks a store for one object so that the store's answer is the client's: nothing is taken apart and put together
// again on its way. All that is asked for stands in a URL made here; a client's own URL and headers never reach a store.
import type { ClusterRef, Key } from "../env.ts";

interface Wanted {
  readonly cluster: ClusterRef;
  readonly version: { readonly group: string; readonly version: string };
  readonly key: Key;
}
/** Behind the `?`, or segments of dots would be taken out of what follows. */
const OBJECT = "https://store/object?";
/** Of all JSON that is answered without a warning. Made once: a Response copies it faster than it reads a record. */
export const PLAIN_HEADERS = new Headers({ "content-type": "application/json", "cache-control": "no-cache, private" });
const FOUND = { headers: PLAIN_HEADERS };

/** Clusters as part of a URL: whoever remembers a cluster asks with the same object again and again. */
const encoded = new WeakMap<ClusterRef, string>();
function encodedCluster(cluster: ClusterRef): string {
  let text = encoded.get(cluster);
  if (text === undefined) encoded.set(cluster, (text = encodeURIComponent(JSON.stringify(cluster))));
  return text;
}

export const objectUrl = ({ cluster, version, key }: Wanted): string =>
  `${OBJECT}${[version.group, version.version, key.namespace, key.name].map(encodeURIComponent).join("/")}/${encodedCluster(cluster)}`;

/** What such a URL asks for; undefined: it is none. `cluster` is read only where it is needed. */
export function objectWanted(url: string): (Omit<Wanted, "cluster"> & { cluster(): ClusterRef }) | undefined {
  if (!url.startsWith(OBJECT)) return undefined;
  const [group = "", version = "", namespace = "", name = "", cluster = ""] = url.slice(OBJECT.length).split("/");
  return {
    version: { group: decodeURIComponent(group), version: decodeURIComponent(version) },
    key: { namespace: decodeURIComponent(namespace), name: decodeURIComponent(name) },
    cluster: () => JSON.parse(decodeURIComponent(cluster)) as ClusterRef,
  };
}

export const objectAnswer = (text: string | undefined): Response => (text === undefined ? new Response(null, { status: 404 }) : new Response(text, FOUND));
