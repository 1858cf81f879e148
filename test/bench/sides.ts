// The two sides of a comparison: how each is started, what it is made of, and how it is given nodes.
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, mkdtempSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connection } from "./connection.ts";
import { readKubeconfig, type Target } from "./kubeconfig.ts";
import { nodesReady } from "./loads/workloads.ts";
import { cluster } from "./objects.ts";
import type { Programs } from "./peer-tools.ts";
import { family } from "./processes.ts";
import { must, sleep } from "./session.ts";
import { freePort, startServer } from "../support/server.ts";
import { VERSION } from "../../scripts/tools.mjs";

export type SideName = "paperplane" | "kubernetes";
export interface Running {
  /** Path of the file. */
  readonly kubeconfig: string;
  readonly target: Target;
  /** From the start of the first process to the first answered `GET namespaces`. */
  readonly startSeconds: number;
  /** Its processes, without what they started. */
  roots(): readonly number[];
  /** Where it keeps its state. */
  readonly data: string;
  /** Asks for so many new nodes; when all of them are Ready, the kubeconfig of the cluster that has them. */
  addNodes(count: number, limitMs: number): Promise<string>;
  facts(): SideFacts;
  stop(): Promise<void>;
}
export interface SideFacts {
  readonly version: string;
  readonly processes: readonly string[];
  readonly transport: string;
  readonly credentials: string;
}
export interface Side {
  readonly name: SideName;
  start(nodes: number): Promise<Running>;
}
const START_MS = 90_000;
/** Folders of servers of ours, one file and more for each actor. They go with the program, not between two measurements: where many files were removed, others take longer to make for minutes. */
const leftBehind = new Set<string>();
process.once("exit", () => {
  for (const folder of leftBehind) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
const ROOT = join(import.meta.dirname, "..", "..");

/** Polls until the API server answers a list of namespaces; both sides are asked in the same way. */
async function firstAnswer(kubeconfig: string): Promise<Target> {
  let seen = "";
  for (const end = performance.now() + START_MS; ; await sleep(10)) {
    try {
      const target = readKubeconfig(kubeconfig);
      const connection = new Connection(target);
      const { status, body } = await connection.request("GET", "/api/v1/namespaces");
      connection.close();
      if (status === 200) return target;
      seen = `: ${status} ${body.toString("utf8", 0, 300)}`;
    } catch (error) {
      // No kubeconfig, or nobody listens yet.
      seen = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (performance.now() > end) throw new Error(`the server does not answer${seen}`);
  }
}

const factsOf = (version: string, target: Target, roots: readonly number[]): SideFacts => ({
  version,
  processes: family(roots).map(({ name }) => name),
  transport: target.tls ? "TLS" : "plain HTTP",
  credentials: target.tls?.cert ? "client certificate" : target.prefix.includes("/access/") ? "token in the path" : "bearer token",
});

export const paperplane: Side = {
  name: "paperplane",
  async start(nodes) {
    const data = mkdtempSync(join(tmpdir(), "paperplane-bench-"));
    const port = await freePort();
    const kubeconfig = join(data, "kubeconfig");
    const began = performance.now();
    const starting = startServer({ data, port, nodes });
    // A server that does not start says why; one that does not answer is not left behind.
    const target = await Promise.race([firstAnswer(kubeconfig), starting.then(() => firstAnswer(kubeconfig))]).catch(async (error: unknown) => {
      await starting.then((server) => server.stop()).catch(() => {});
      leftBehind.add(data);
      throw error;
    });
    const startSeconds = (performance.now() - began) / 1000;
    const server = await starting;
    const roots = (): number[] => [(JSON.parse(readFileSync(join(data, "lock"), "utf8")) as { readonly pid: number }).pid];
    const packages = (
      JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as { readonly packages: Readonly<Record<string, { readonly version?: string }>> }
    ).packages;
    return {
      kubeconfig,
      target,
      startSeconds,
      roots,
      data,
      async addNodes(count, limitMs) {
        const connection = new Connection(target);
        await must(connection, "POST", "/apis/paperplane.dev/v1/clusters", cluster("big", count));
        connection.close();
        await nodesReady({ ...target, prefix: `${target.prefix}/clusters/big` }, count, limitMs);
        const big = join(data, "kubeconfig-big");
        writeFileSync(big, readFileSync(kubeconfig, "utf8").replace(/^(\s*server: "?[^\s"]+)/m, "$1/clusters/big"));
        return big;
      },
      facts: () => factsOf(`Paperplane ${packages[""]?.version}, workerd ${packages["node_modules/workerd"]?.version}`, target, roots()),
      async stop() {
        await server.stop();
        leftBehind.add(data);
      },
    };
  },
};

/** etcd, kube-apiserver, controller-manager, scheduler and KWOK as processes, started by kwokctl without limits on requests. */
export function kubernetes(programs: Programs): Side {
  const name = `bench-${process.pid}`;
  return {
    name: "kubernetes",
    async start(nodes) {
      const data = mkdtempSync(join(tmpdir(), "paperplane-peer-"));
      const env = { ...process.env, KWOK_WORKDIR: data, KWOK_KUBE_VERSION: `v${VERSION}` };
      const log: string[] = [];
      const kwokctl = (...words: readonly string[]): Promise<void> => {
        const child = spawn(programs.kwokctl, [...words, "--name", name], { env, stdio: ["ignore", "pipe", "pipe"] });
        for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => log.push(part.toString()));
        return new Promise((done, failed) =>
          child.on("close", (code) => (code === 0 ? done() : failed(new Error(`kwokctl ${words[0]}: ${log.join("").slice(-2000)}`)))),
        );
      };
      // Whatever happens to us, its processes do not stay.
      const remove = (): void => {
        spawnSync(programs.kwokctl, ["delete", "cluster", "--name", name], { env, stdio: "ignore" });
        rmSync(data, { recursive: true, force: true, maxRetries: 5 });
      };
      process.once("exit", remove);
      const own = join(data, "clusters", name);
      const kubeconfig = join(data, "kubeconfig");
      const began = performance.now();
      const created = kwokctl(
        "create",
        "cluster",
        "--runtime",
        "binary",
        "--kubeconfig",
        kubeconfig,
        "--wait",
        "60s",
        "--disable-qps-limits",
        ...binaryWords(programs),
      );
      const target = await Promise.race([firstAnswer(join(own, "kubeconfig.yaml")), created.then(() => firstAnswer(kubeconfig))]);
      const startSeconds = (performance.now() - began) / 1000;
      await created;
      if (!existsSync(kubeconfig)) writeFileSync(kubeconfig, readFileSync(join(own, "kubeconfig.yaml")));
      const pids = (): number[] => readdirSync(join(own, "pids")).map((file) => Number(readFileSync(join(own, "pids", file), "utf8")));
      const addNodes = async (count: number, limitMs: number): Promise<string> => {
        await Promise.all([kwokctl("scale", "node", "--replicas", String(count)), nodesReady(target, count, limitMs)]);
        return kubeconfig;
      };
      if (nodes > 0) await addNodes(nodes, START_MS);
      return {
        kubeconfig,
        target,
        startSeconds,
        roots: pids,
        data: join(own, "etcd"),
        addNodes,
        facts: () => factsOf(`Kubernetes ${VERSION}, ${etcdVersion(programs)}, KWOK`, target, pids()),
        async stop() {
          process.off("exit", remove);
          remove();
        },
      };
    },
  };
}

const binaryWords = (programs: Programs): string[] => [
  ...(["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const).flatMap((name) => [`--${name}-binary`, programs[name]]),
  "--kwok-controller-binary",
  programs.kwok,
];

const etcdVersion = (programs: Programs): string => {
  const { stdout } = spawnSync(programs.etcd, ["--version"], { encoding: "utf8" });
  return `etcd ${/etcd Version: (\S+)/.exec(stdout)?.[1] ?? "of an unknown version"}`;
};
