// root-ca-certificate-publisher-controller: every active namespace has the ConfigMap kube-root-ca.crt.
// As upstream: pkg/controller/certificates/rootcacertpublisher/publisher.go.
import { CA_DESCRIPTION } from "../../shared/bootstrap/objects.ts";
import { equalJson, isObject } from "../../shared/base/json.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { ConfigMap, Namespace } from "../../shared/kinds/_generated/types.ts";
import { defineController, NOTHING } from "../../shared/reconcile/controller.ts";
import { first, isDeleting, metaOf, nameOf, namespaceOf, plan, type Queries, seen } from "./_parts/world.ts";

const CONFIG_MAPS = "/configmaps";
const NAME = "kube-root-ca.crt";
const KEY = "ca.crt";
/** Where the certificate that clients are to trust is written down. */
const SOURCE = { namespace: "kube-system", name: "extension-apiserver-authentication", key: "client-ca-file" };
const EVERYWHERE = "*";
const ANNOTATION = "kubernetes.io/description";

interface MapView {
  readonly data: unknown;
  readonly description: string | undefined;
}
const viewMap = (object: KubeObject): MapView => ({
  data: (object as ConfigMap).data ?? {},
  description: metaOf(object).annotations?.[ANNOTATION],
});

function hints(next: KubeObject | undefined, old: KubeObject | undefined): string[] {
  const map = next ?? old;
  if (map === undefined) return [];
  if (nameOf(map) === SOURCE.name && namespaceOf(map) === SOURCE.namespace) return [EVERYWHERE];
  // Its creation is our own doing.
  return nameOf(map) === NAME && old !== undefined ? [`/${namespaceOf(map)}`] : [];
}

export const rootCACertificatePublisherController = defineController<Namespace>({
  name: "root-ca-certificate-publisher-controller",
  root: "/namespaces",
  triggers: [
    { resource: "/namespaces", hints: (next, old) => (next !== undefined && old === undefined ? [`/${nameOf(next)}`] : []) },
    { resource: CONFIG_MAPS, hints },
  ],
  views: {
    maps: { resource: CONFIG_MAPS, project: viewMap },
    namespaces: { resource: "/namespaces", project: nameOf },
  },
  expand: {
    needs: (hint) => (hint === EVERYWHERE ? { namespaces: { view: "namespaces" } } : undefined),
    keys: (_hint, world) => seen<string>(world, "namespaces").map((name) => `/${name}`),
  },
  needs(_key, ns): Queries {
    if (ns === undefined) return {};
    return {
      map: { view: "maps", namespace: nameOf(ns), name: NAME },
      source: { view: "maps", namespace: SOURCE.namespace, name: SOURCE.name },
    };
  },
  reconcile(_key, ns, world) {
    if (ns === undefined || isDeleting(ns) || ns.status?.phase === "Terminating") return NOTHING;
    const source = first<MapView>(world, "source")?.data;
    const certificate = isObject(source) ? source[SOURCE.key] : undefined;
    if (typeof certificate !== "string") return NOTHING;
    const data = { [KEY]: certificate };
    const annotations = { [ANNOTATION]: CA_DESCRIPTION };
    const known = first<MapView>(world, "map");
    const namespace = nameOf(ns);
    if (known === undefined) {
      const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: NAME, namespace, annotations }, data };
      return plan([{ do: "create", resource: CONFIG_MAPS, object }]);
    }
    if (equalJson(known.data, data) && known.description === CA_DESCRIPTION) return NOTHING;
    const surplus = isObject(known.data) ? Object.keys(known.data).filter((key) => key !== KEY) : [];
    const removed = Object.fromEntries(surplus.map((key) => [key, null]));
    const patch = { metadata: { annotations }, data: { ...removed, ...data } };
    return plan([{ do: "patch", resource: CONFIG_MAPS, namespace, name: NAME, type: "merge", patch }]);
  },
});
