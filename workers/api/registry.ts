// Finds kinds by the words of a URL, and knows the order in which groups are served.
import type { GroupOrder } from "../../shared/api/discovery.ts";
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import table from "../../shared/kinds/_generated/resources.json" with { type: "json" };

/** Groups as a real server orders them, then ours in the order of their kinds. */
function groupsOf(kinds: readonly AnyKind[]): GroupOrder[] {
  const groups: GroupOrder[] = table.groups.filter(({ group }) => kinds.some((kind) => kind.group === group));
  for (const { group, version } of kinds) {
    if (!groups.some((known) => known.group === group)) groups.push({ group, versions: [version], preferredVersion: version });
  }
  return groups;
}

export class Registry {
  readonly kinds: readonly AnyKind[];
  readonly groups: readonly GroupOrder[];
  readonly #byResource: ReadonlyMap<string, AnyKind>;
  readonly #groupVersions: ReadonlySet<string>;

  constructor(kinds: readonly AnyKind[]) {
    this.kinds = kinds;
    this.groups = groupsOf(kinds);
    this.#byResource = new Map(kinds.map((kind) => [`${kind.group}/${kind.version}/${kind.resource}`, kind]));
    this.#groupVersions = new Set(kinds.map((kind) => `${kind.group}/${kind.version}`));
  }

  find(group: string, version: string, resource: string): AnyKind | undefined {
    return this.#byResource.get(`${group}/${version}/${resource}`);
  }
  servesVersion(group: string, version: string): boolean {
    return this.#groupVersions.has(`${group}/${version}`);
  }
  servesGroup(group: string): boolean {
    return this.groups.some((known) => known.group === group);
  }
}
