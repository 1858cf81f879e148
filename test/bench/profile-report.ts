// Adds a CPU profile up: which functions, or lines, took the time.

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
  readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[];
}
/** As Profiler.stop answers; times are microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  readonly endTime: number;
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}
export interface ReportOptions {
  readonly by: "function" | "line";
  readonly top: number;
  /** The lines of the bundle. */
  readonly source: readonly string[];
}

const IDLE = "(idle)";
const ms = (us: number): string => (us / 1000).toFixed(1);
const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)}%`;

/** Nobody looks while the Worker rests: after a longer gap between two samples it is not known to have worked on. */
const GAP_US_MAX = 1000;

/** Microseconds of its own for each node. */
export function selfTimes({ samples = [], timeDeltas = [] }: CpuProfile): Map<number, number> {
  const self = new Map<number, number>();
  // A delta says how long before its sample the one before was taken, so that it belongs to the one before.
  samples.forEach((id, at) => self.set(id, (self.get(id) ?? 0) + Math.min(GAP_US_MAX, Math.max(0, timeDeltas[at + 1] ?? 0))));
  return self;
}

function busyOf(profile: CpuProfile, self: ReadonlyMap<number, number>): number {
  return profile.nodes.reduce((sum, node) => (node.callFrame.functionName === IDLE ? sum : sum + (self.get(node.id) ?? 0)), 0);
}

export function summary(profile: CpuProfile): string {
  const self = selfTimes(profile);
  const whole = profile.endTime - profile.startTime;
  const busy = busyOf(profile, self);
  return `${ms(whole)} ms, of which ${ms(busy)} ms busy (${percent(busy, whole)}), ${profile.samples?.length ?? 0} samples`;
}

/** For each function the time with everything it called, once where it calls itself. */
function totalTimes(profile: CpuProfile, self: ReadonlyMap<number, number>, keyOf: (node: ProfileNode) => string): Map<string, number> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const totals = new Map<string, number>();
  const open = new Map<string, number>();
  const visit = (node: ProfileNode): number => {
    const key = keyOf(node);
    open.set(key, (open.get(key) ?? 0) + 1);
    let sum = self.get(node.id) ?? 0;
    for (const id of node.children ?? []) {
      const child = nodes.get(id);
      if (child) sum += visit(child);
    }
    const depth = (open.get(key) ?? 1) - 1;
    open.set(key, depth);
    if (depth === 0) totals.set(key, (totals.get(key) ?? 0) + sum);
    return sum;
  };
  const root = profile.nodes[0];
  if (root) visit(root);
  return totals;
}

/** The file a line (zero-based) of the bundle came from: esbuild names it in a comment before the first line of the file. */
export function fileOf(source: readonly string[], line: number): string {
  for (let at = line; at >= 0; at--) {
    const file = /^ *\/\/ ((?:[\w@.-]+\/)+[\w.-]+\.(?:ts|js|mjs|json))$/.exec(source[at] ?? "")?.[1];
    if (file) return file.replace(/^node_modules\//, "");
  }
  return "";
}

/** A table, most time first. Lines are those of the bundle, one-based. */
export function hottest(profile: CpuProfile, options: ReportOptions): string {
  const self = selfTimes(profile);
  const busy = busyOf(profile, self);
  const files = new Map<number, string>();
  const nameOf = ({ callFrame: { functionName, lineNumber, url } }: ProfileNode): string => {
    if (lineNumber < 0 || !url) return functionName || "(native)";
    const file = files.get(lineNumber) ?? fileOf(options.source, lineNumber);
    files.set(lineNumber, file);
    return `${functionName || "(anonymous)"}  ${file} :${lineNumber + 1}`;
  };
  const totals = totalTimes(profile, self, nameOf);
  const sums = new Map<string, number>();
  const add = (key: string, us: number): void => void sums.set(key, (sums.get(key) ?? 0) + us);
  for (const node of profile.nodes) {
    if (node.callFrame.functionName === IDLE) continue;
    const own = self.get(node.id) ?? 0;
    if (options.by === "function") add(nameOf(node), own);
    else {
      const ticks = node.positionTicks ?? [];
      const all = ticks.reduce((sum, tick) => sum + tick.ticks, 0);
      for (const tick of ticks) add(`${tick.line}: ${options.source[tick.line - 1]?.trim().slice(0, 110) ?? ""}`, (own * tick.ticks) / all);
    }
  }
  const rows = [...sums].sort((a, b) => b[1] - a[1]).slice(0, options.top);
  const head = options.by === "function" ? "   self ms      %   total ms  function  file :line of the bundle" : "   self ms      %  line of the bundle";
  const row = ([name, us]: [string, number]): string =>
    `${ms(us).padStart(10)} ${percent(us, busy).padStart(6)} ${options.by === "function" ? `${ms(totals.get(name) ?? 0).padStart(10)}  ` : " "}${name}`;
  return [head, ...rows.map(row)].join("\n");
}
