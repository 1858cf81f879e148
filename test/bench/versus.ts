// `npm run bench:versus`: every load on Paperplane and on a real control plane, in turns; prints ratios and writes docs/performance.md.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { diskKilobytes } from "./disk.ts";
import { nodesReady } from "./loads/workloads.ts";
import { configMap } from "./objects.ts";
import { findPrograms } from "./peer-tools.ts";
import { FULL, groups, ownRows, QUICK, type Group, type LoadStep, type OwnRows, type Row, type Sizes } from "./plan.ts";
import { cpuPercent, machineShare, memoryMegabytes, syncCalls, type MachineShare } from "./processes.ts";
import { program, say } from "./program.ts";
import { consoleTable, markdown, noMeasurements, OTHERS_MAX } from "./report.ts";
import { must, sleep } from "./session.ts";
import { Connection } from "./connection.ts";
import { kubernetes, paperplane, type Running, type Side, type SideName } from "./sides.ts";

const USAGE = `npm run bench:versus -- [--quick] [--rounds N] [--groups base,deploy,pods,many,nodes,clusters] [--side paperplane|kubernetes] [--out FILE]
  --quick      one round, small sizes (about 4 minutes; without it well over an hour)
  --rounds N   rounds to take the median of (3)
  --groups ... only these groups of loads
  --side NAME  only this side
  --patience S wait so long, before each group, for other programs to leave the machine alone (30)
  --out FILE   where the report goes (docs/performance.md)`;
const ROOT = join(import.meta.dirname, "..", "..");
const LIMIT_S = 900;
const SYNC_CREATES = 50;
const QUIET_MS = 2000;

const percent = (share: number): string => `${Math.round(100 * share)}%`;

class Comparison {
  readonly measurements = noMeasurements();
  readonly loads: number[] = [];
  readonly #sizes: Sizes;
  readonly #own: OwnRows;

  constructor(sizes: Sizes) {
    this.#sizes = sizes;
    this.#own = ownRows(sizes);
  }

  /** Servers at rest are watched in the first round alone: they do the same in every one, and it takes minutes. */
  get #isFirst(): boolean {
    return this.loads.length === 1;
  }

  async group(side: Side, group: Group): Promise<void> {
    say(`\n${side.name}: ${group.name}`);
    let running: Running | undefined;
    try {
      const shareOf = machineShare(() => running?.roots() ?? []);
      running = await side.start(group.nodes);
      // With many nodes a start says how long these take.
      if (group.name !== "many") this.#put(this.#own.start, side.name, running.startSeconds, shareOf());
      await nodesReady(running.target, group.nodes, LIMIT_S * 1000);
      if (group.name === "base" && this.#isFirst) await this.#idle(side.name, running);
      for (const step of group.steps) await this.#step(side.name, running, step);
      if (group.name === "base") await this.#syncs(side.name, running);
      if (group.name === "deploy" && this.#isFirst) await this.#resting(side.name, running);
      const kubeconfig = group.name === "nodes" ? await this.#nodes(side.name, running) : running.kubeconfig;
      if (group.name === "clusters") await this.#clusters(side.name, running);
      for (const step of group.afterwards ?? []) await this.#step(side.name, { ...running, kubeconfig }, step);
    } catch (error) {
      this.#trouble(side.name, group.name, error);
    } finally {
      await running?.stop();
    }
  }

  #put(row: Row, side: SideName, value: number, share?: MachineShare): void {
    const { rows } = this.measurements;
    const entry = rows.get(row.id) ?? { row, values: { paperplane: [], kubernetes: [] }, disturbed: new Set<SideName>() };
    entry.values[side].push(value);
    if (share && share.others > OTHERS_MAX) entry.disturbed.add(side);
    rows.set(row.id, entry);
  }

  #trouble(side: SideName, what: string, error: unknown): void {
    const text = `${side}, ${what}: ${error instanceof Error ? error.message : String(error)}`;
    say(text);
    this.measurements.troubles.push(text.split("\n")[0] ?? "");
  }

  /** A load that fails leaves its rows empty and the others to run. */
  async #step(side: SideName, running: Running, { words, takes }: LoadStep): Promise<void> {
    try {
      const { printed, share } = await runLoad(words, running);
      for (const { name, figures } of printed) {
        const busy = Number(figures.client_cpu ?? 0);
        const known = this.measurements.clientBusy.get(name) ?? {};
        this.measurements.clientBusy.set(name, { ...known, [side]: Math.max(known[side] ?? 0, busy) });
        for (const take of takes) if (take.line === name) this.#put(take.row, side, Number(figures[take.key]), share);
      }
    } catch (error) {
      this.#trouble(side, words.join(" "), error);
    }
  }

  async #idle(side: SideName, running: Running): Promise<void> {
    this.measurements.facts[side] = running.facts();
    await sleep(this.#sizes.settleMs);
    this.#put(this.#own.idleCpu, side, await cpuPercent(running.roots(), this.#sizes.idleMs));
    this.#put(this.#own.idleMemory, side, memoryMegabytes(running.roots()));
  }

  async #resting(side: SideName, running: Running): Promise<void> {
    await sleep(this.#sizes.restMs);
    this.#put(this.#own.podsCpu, side, await cpuPercent(running.roots(), this.#sizes.idleMs));
    this.#put(this.#own.podsMemory, side, memoryMegabytes(running.roots()));
  }

  async #syncs(side: SideName, running: Running): Promise<void> {
    const connection = new Connection(running.target);
    const calls = await syncCalls(running.roots(), async () => {
      for (let index = 0; index < SYNC_CREATES; index++) await must(connection, "POST", "/api/v1/namespaces/default/configmaps", configMap(`sync-${index}`));
    });
    connection.close();
    if (calls !== undefined) this.#put(this.#own.syncs, side, calls / SYNC_CREATES);
  }

  /** Answers the kubeconfig of the cluster that has the nodes. */
  async #nodes(side: SideName, running: Running): Promise<string> {
    const { nodes, settleMs, idleMs } = this.#sizes;
    const start = performance.now();
    const shareOf = machineShare(running.roots);
    const kubeconfig = await running.addNodes(nodes, LIMIT_S * 1000);
    const seconds = (performance.now() - start) / 1000;
    say(`nodes n=${nodes} seconds=${seconds.toFixed(2)}`);
    this.#put(this.#own.nodes, side, seconds, shareOf());
    if (!this.#isFirst) return kubeconfig;
    await sleep(settleMs);
    this.#put(this.#own.nodesCpu, side, await cpuPercent(running.roots(), idleMs));
    this.#put(this.#own.nodesMemory, side, memoryMegabytes(running.roots()));
    return kubeconfig;
  }

  /** A cluster of the peer is the set of processes that has just been started. */
  async #clusters(side: SideName, running: Running): Promise<void> {
    const { clusters, settleMs } = this.#sizes;
    const own = this.#own;
    if (side === "kubernetes") {
      this.#put(own.newCluster, side, running.startSeconds * 1000);
      await sleep(settleMs);
      this.#put(own.clusterMemory, side, memoryMegabytes(running.roots()));
      return;
    }
    const single = await runLoad(["clusters", "-n", "50", "-c", "1", "--keep"], running);
    this.#put(own.newCluster, side, Number(single.printed[0]?.figures.p50_ms), single.share);
    const memoryBefore = memoryMegabytes(running.roots());
    const diskBefore = diskKilobytes(running.data);
    const many = await runLoad(["clusters", "-n", String(clusters), "-c", "16", "--keep"], running);
    this.#put(own.clustersRate, side, Number(many.printed[0]?.figures.per_s), many.share);
    this.#put(own.clusterMemory, side, (memoryMegabytes(running.roots()) - memoryBefore) / clusters);
    this.#put(own.clusterDisk, side, (diskKilobytes(running.data) - diskBefore) / clusters);
  }
}

interface Printed {
  readonly name: string;
  readonly figures: Readonly<Record<string, string>>;
}
interface Loaded {
  readonly printed: readonly Printed[];
  readonly share: MachineShare | undefined;
}
/** In a process of its own: no load inherits another one's memory. */
async function runLoad(words: readonly string[], running: Running): Promise<Loaded> {
  const shareOf = machineShare(running.roots);
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "main.ts"), ...words, "--kubeconfig", running.kubeconfig, "--limit", String(LIMIT_S)],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  let errors = "";
  child.stdout.on("data", (part: Buffer) => {
    output += part.toString();
    process.stdout.write(part);
  });
  child.stderr.on("data", (part: Buffer) => void (errors += part.toString()));
  const code = await new Promise<number | null>((done) => child.on("close", done));
  if (code !== 0) throw new Error(errors.trim() || `ended with ${code}`);
  const share = shareOf();
  if (share) say(`  machine busy ${percent(share.busy)}, other programs ${percent(share.others)}`);
  const printed = output
    .trim()
    .split("\n")
    .map((line) => {
      const [name = "", ...figures] = line.split(" ");
      return { name, figures: Object.fromEntries(figures.map((figure) => figure.split("=") as [string, string])) };
    });
  return { printed, share };
}

/** Waits until other programs leave the machine alone, but not for ever. */
async function untilQuiet(patienceMs: number): Promise<void> {
  for (const end = performance.now() + patienceMs; performance.now() < end;) {
    const shareOf = machineShare(() => []);
    await sleep(QUIET_MS);
    const share = shareOf();
    if (!share || share.others <= OTHERS_MAX / 2) return;
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      groups: { type: "string" },
      side: { type: "string" },
      patience: { type: "string", default: "30" },
      out: { type: "string", default: join(ROOT, "docs", "performance.md") },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return say(USAGE);
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  const sizes = values.quick ? QUICK : FULL;
  const wanted = values.groups?.split(",");
  const chosen = groups(sizes).filter(({ name }) => wanted === undefined || wanted.includes(name));
  if (!Number.isInteger(rounds) || rounds < 1 || chosen.length === 0) throw new Error(USAGE);
  const comparison = new Comparison(sizes);
  const programs = findPrograms();
  const sides: Side[] = [paperplane];
  if ("skipped" in programs) {
    comparison.measurements.skipped = programs.skipped;
    say(`Kubernetes is skipped: ${programs.skipped}`);
  } else sides.push(kubernetes(programs));
  const compared = sides.filter(({ name }) => values.side === undefined || values.side === name);
  const out = resolve(values.out);
  mkdirSync(dirname(out), { recursive: true });
  for (let round = 0; round < rounds; round++) {
    comparison.loads.push(loadavg()[0] ?? 0);
    // Who goes first changes with the round.
    for (const group of chosen) {
      for (const side of round % 2 === 0 ? compared : compared.toReversed()) {
        await untilQuiet(Number(values.patience) * 1000);
        await comparison.group(side, group);
      }
    }
    // After each round, so that one that is broken off does not take the others with it.
    writeFileSync(out, markdown(comparison.measurements, { rounds: round + 1, quick: values.quick, loads: comparison.loads }));
  }
  say(`\n${consoleTable(comparison.measurements)}\n\nwritten: ${out}`);
}

program(main);
