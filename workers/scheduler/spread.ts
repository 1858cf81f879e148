// Counting pods for each value of a topology key, for hard constraints (skew against the emptiest) and soft ones (scores).
import { matchesLabelSelector, matchesSet } from "../../shared/meta/labels.ts";
import type { Cluster } from "../../shared/scheduling/framework.ts";
import { UNLABELLED } from "../../shared/scheduling/node-index.ts";
import type { NodeInfo } from "../../shared/scheduling/node-info.ts";
import { keepsOff, matchesNodeAffinity } from "../../shared/scheduling/node-terms.ts";
import type { PodShape, SpreadConstraint } from "../../shared/scheduling/views.ts";

export const HOSTNAME = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";
const soft = (topologyKey: string, maxSkew: number): SpreadConstraint => ({
  topologyKey,
  maxSkew,
  minDomains: 1,
  hard: false,
  honorAffinity: true,
  honorTaints: false,
});
/** Upstream: plugins/podtopologyspread/plugin.go systemDefaultConstraints. */
const SYSTEM_DEFAULTS = [soft(HOSTNAME, 3), soft(ZONE, 5)];

type Matcher = (shape: PodShape) => boolean;

/** The empty selector selects nothing here: a constraint without a selector of its own counts no pods (countPodsMatchSelector). */
export function podMatcher({ selector }: SpreadConstraint): Matcher {
  if (!selector || (!Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length)) return () => false;
  return (shape) => matchesLabelSelector(selector, shape.labels ?? {});
}

/** The pod's own soft constraints, or the system's for pods of a Service or of a workload. */
export function softConstraints(
  shape: PodShape,
  cluster: Cluster,
): { readonly own: boolean; readonly constraints: readonly SpreadConstraint[]; readonly matches?: Matcher } {
  if (shape.spread) return { own: true, constraints: shape.spread.filter((one) => !one.hard) };
  const { owner } = shape;
  if (owner !== undefined) return { own: false, constraints: SYSTEM_DEFAULTS, matches: (other) => other.owner === owner };
  const services = cluster.servicesOf(shape.namespace).filter(({ selector }) => Object.keys(selector).length > 0 && matchesSet(selector, shape.labels ?? {}));
  if (services.length === 0) return { own: false, constraints: [] };
  const matches: Matcher = (other) => services.every(({ selector }) => matchesSet(selector, other.labels ?? {}));
  return { own: false, constraints: SYSTEM_DEFAULTS, matches };
}

export const hasKeys = (node: NodeInfo, keys: readonly string[]): boolean => keys.every((key) => node.labels[key] !== undefined);

/** Whether the pod could go there at all, as far as the constraint cares. */
const included = (constraint: SpreadConstraint, shape: PodShape, node: NodeInfo): boolean =>
  (!constraint.honorAffinity || matchesNodeAffinity(shape, node)) && (!constraint.honorTaints || !keepsOff(node.taints, shape.tolerations));

/** Which shapes a constraint counts; remembers the answer. */
class Counted {
  readonly #matches: Matcher;
  readonly #known = new WeakMap<PodShape, boolean>();

  constructor(matches: Matcher) {
    this.#matches = matches;
  }
  has(shape: PodShape): boolean {
    let known = this.#known.get(shape);
    if (known === undefined) this.#known.set(shape, (known = this.#matches(shape)));
    return known;
  }
}

export class HardSpread {
  readonly constraint: SpreadConstraint;
  readonly shapes: Counted;
  readonly #domainOf: Int32Array;
  /** By node index: its pods are counted. */
  readonly #eligible: Uint8Array;
  readonly #counts: Int32Array;
  /** How many domains have how many pods: keeps the minimum at hand. */
  readonly #domainsWith: number[];
  #min: number;
  readonly #self: number;
  readonly #floor: boolean;

  constructor(constraint: SpreadConstraint, shape: PodShape, cluster: Cluster, eligible: (node: NodeInfo) => boolean) {
    this.constraint = constraint;
    this.shapes = new Counted(podMatcher(constraint));
    const { of, size } = cluster.domains(constraint.topologyKey);
    this.#domainOf = of;
    this.#eligible = new Uint8Array(cluster.nodes.length);
    this.#counts = new Int32Array(size);
    const used = new Uint8Array(size);
    let domains = 0;
    for (const node of cluster.nodes) {
      if (!eligible(node) || !included(constraint, shape, node)) continue;
      this.#eligible[node.index] = 1;
      const domain = of[node.index] ?? UNLABELLED;
      if (!used[domain]) domains++;
      used[domain] = 1;
    }
    this.#domainsWith = [domains];
    this.#min = domains === 0 ? Infinity : 0;
    this.#self = matchesLabelSelector(constraint.selector, shape.labels ?? {}) ? 1 : 0;
    this.#floor = domains < constraint.minDomains;
  }

  count(shape: PodShape, node: NodeInfo, delta: 1 | -1): void {
    if (!this.#eligible[node.index] || !this.shapes.has(shape)) return;
    const domain = this.#domainOf[node.index] ?? UNLABELLED;
    const before = this.#counts[domain] ?? 0;
    const after = before + delta;
    this.#counts[domain] = after;
    const left = (this.#domainsWith[before] ?? 0) - 1;
    this.#domainsWith[before] = left;
    this.#domainsWith[after] = (this.#domainsWith[after] ?? 0) + 1;
    if (after < this.#min || (before === this.#min && left === 0)) this.#min = after;
  }

  hasLabel(node: NodeInfo): boolean {
    return this.#domainOf[node.index] !== UNLABELLED;
  }
  /** How far the node's domain would be above the emptiest one with the pod in it. */
  skewWith(node: NodeInfo): number {
    const there = this.#counts[this.#domainOf[node.index] ?? UNLABELLED] ?? 0;
    return there + this.#self - (this.#floor ? 0 : this.#min);
  }
}

export class SoftSpread {
  readonly constraint: SpreadConstraint;
  readonly shapes: Counted;
  /** Hosts are counted one by one, whatever the label says. */
  readonly byHost: boolean;
  readonly #domainOf: Int32Array;
  /** By node index: its pods are counted; absent: all are. */
  readonly #eligible: Uint8Array | undefined;
  readonly #counts: Int32Array;
  readonly #stamps: Int32Array;
  #stamp = 0;
  #weight = 0;

  constructor(constraint: SpreadConstraint, matches: Matcher, shape: PodShape, cluster: Cluster, keys: readonly string[]) {
    this.constraint = constraint;
    this.shapes = new Counted(matches);
    this.byHost = constraint.topologyKey === HOSTNAME;
    const { of, size } = cluster.domains(constraint.topologyKey);
    this.#domainOf = of;
    const all = keys.length === 0 && !constraint.honorTaints && !shape.nodeSelector && !shape.requiredNodes;
    if (!this.byHost && !all) {
      this.#eligible = Uint8Array.from(cluster.nodes, (node) => (hasKeys(node, keys) && included(constraint, shape, node) ? 1 : 0));
    }
    this.#counts = new Int32Array(this.byHost ? cluster.nodes.length : size);
    this.#stamps = new Int32Array(this.byHost ? 0 : size);
  }

  count(shape: PodShape, node: NodeInfo, delta: 1 | -1): void {
    const { index } = node;
    if ((this.#eligible && !this.#eligible[index]) || !this.shapes.has(shape)) return;
    const domain = this.byHost ? index : (this.#domainOf[index] ?? UNLABELLED);
    this.#counts[domain] = (this.#counts[domain] ?? 0) + delta;
  }

  /** Learns over how many domains these nodes lie: few domains weigh less, so that they are not drowned by many. */
  measure(nodes: readonly NodeInfo[], ignored: Uint8Array | undefined): void {
    const stamp = ++this.#stamp;
    let domains = 0;
    for (const { index } of nodes) {
      if (ignored?.[index]) continue;
      const domain = this.#domainOf[index] ?? UNLABELLED;
      if (!this.byHost) {
        if (this.#stamps[domain] === stamp) continue;
        this.#stamps[domain] = stamp;
      }
      domains++;
    }
    this.#weight = Math.log(domains + 2);
  }

  score({ index }: NodeInfo): number {
    const domain = this.#domainOf[index] ?? UNLABELLED;
    if (domain === UNLABELLED) return 0;
    return (this.#counts[this.byHost ? index : domain] ?? 0) * this.#weight + (this.constraint.maxSkew - 1);
  }
}
