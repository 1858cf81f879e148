// What a server spends on a piece of work and on everything that comes of it: what it counts itself, and what its processes take.
import { Connection } from "./connection.ts";
import { databases } from "./disk.ts";
import type { Target } from "./kubeconfig.ts";
import type { OwnServer } from "./own-server.ts";
import { cpuMs, machineShare, memoryMegabytes } from "./processes.ts";
import { difference, readUsed, settled, type Series } from "./used.ts";

export interface Spent {
  readonly used: readonly Series[];
  /** Until the work itself was done, without what came of it. */
  readonly ms: number;
  /** Milliseconds of all processes of the server, until nothing was counted any more. */
  readonly cpuMs: number;
  /** By how much all databases grew, and how many more there are. */
  readonly databaseBytes: number;
  readonly databases: number;
  /** By how much the memory of all processes grew. */
  readonly memoryMegabytes: number;
  /** What other programs took of the machine meanwhile, from 0 to 1. Undefined: nobody knows. */
  readonly others: number | undefined;
}
/** Longer than any delivery waits before it is tried again, and than the alarm that looks after it. */
const QUIET_MS = 4000;
export const LIMIT_MS = 300_000;

export class Spending {
  readonly #server: OwnServer;
  readonly #control: Connection;
  #last: readonly Series[] = [];
  #quietSinceCpuMs = 0;

  /** `target`: the cluster whose counters are read; the server's own if none is named. Before the first `settle` all of them are zero. */
  constructor(server: OwnServer, target: Target = server.target) {
    this.#server = server;
    this.#control = new Connection(target);
  }

  /** Waits until nothing is counted any more. */
  async settle(): Promise<void> {
    this.#last = await settled(this.#control, {
      quietMs: QUIET_MS,
      limitMs: LIMIT_MS,
      changed: () => (this.#quietSinceCpuMs = cpuMs(this.#server.roots)),
    });
  }

  /** `fresh`: a cluster that comes into being with this work; its counters are added. */
  async of(work: () => Promise<unknown>, { fresh }: { readonly fresh?: Target } = {}): Promise<Spent> {
    const { roots, data } = this.#server;
    const before = { used: this.#last, cpuMs: cpuMs(roots), memory: memoryMegabytes(roots), stored: databases(data) };
    const shareOf = machineShare(() => roots);
    const start = performance.now();
    await work();
    const ms = performance.now() - start;
    const others = shareOf()?.others;
    await this.settle();
    const stored = databases(data);
    return {
      used: [...difference(before.used, this.#last), ...(fresh ? difference([], await readFrom(fresh)) : [])],
      ms,
      // The looks at a quiet server are not its work.
      cpuMs: this.#quietSinceCpuMs - before.cpuMs,
      databaseBytes: stored.bytes - before.stored.bytes,
      databases: stored.count - before.stored.count,
      memoryMegabytes: memoryMegabytes(roots) - before.memory,
      others,
    };
  }
}

/** Several pieces of work as one. */
export function together(parts: readonly Spent[]): Spent {
  const sum = (of: (spent: Spent) => number): number => parts.reduce((all, spent) => all + of(spent), 0);
  return {
    used: parts.flatMap(({ used }) => used),
    ms: sum(({ ms }) => ms),
    cpuMs: sum(({ cpuMs }) => cpuMs),
    databaseBytes: sum(({ databaseBytes }) => databaseBytes),
    databases: sum(({ databases }) => databases),
    memoryMegabytes: sum(({ memoryMegabytes }) => memoryMegabytes),
    others: parts.reduce<number | undefined>((most, { others }) => (others === undefined ? most : Math.max(most ?? 0, others)), undefined),
  };
}

async function readFrom(target: Target): Promise<Series[]> {
  const connection = new Connection(target);
  try {
    return await readUsed(connection);
  } finally {
    connection.close();
  }
}
