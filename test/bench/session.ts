// What every load works with: connections, a namespace of its own, and ways to send many requests.
import { Connection, type Answer } from "./connection.ts";
import { line, round, type Figures } from "./figures.ts";
import type { Target } from "./kubeconfig.ts";

export interface LoadOptions {
  /** Objects, requests or events. */
  readonly count: number;
  readonly connections: number;
  /** A second; 0: as fast as it goes. */
  readonly rate: number;
  readonly watchers: number;
  readonly limitMs: number;
  /** What was made stays. */
  readonly keep: boolean;
}
export const sleep = (ms: number): Promise<void> => new Promise((done) => void setTimeout(done, ms));
const POLL_MS = 20;

const usage = (): { readonly cpuMs: number; readonly atMs: number } => {
  const { user, system } = process.threadCpuUsage();
  return { cpuMs: (user + system) / 1000, atMs: performance.now() };
};

export class Session {
  readonly target: Target;
  readonly options: LoadOptions;
  readonly namespace: string;
  /** For what is not measured, and for polling. */
  readonly control: Connection;
  readonly #print: (text: string) => void;
  #since = usage();

  constructor(target: Target, options: LoadOptions, print: (text: string) => void) {
    this.target = target;
    this.options = options;
    this.namespace = `bench-${Date.now().toString(36)}-${process.pid}`;
    this.control = new Connection(target);
    this.#print = print;
  }

  get path(): string {
    return `/api/v1/namespaces/${this.namespace}`;
  }

  /** `client_cpu`: the share of one core that this program's thread used since the last report. Near 1 it is what was measured. */
  report(name: string, figures: Figures): void {
    const now = usage();
    this.#print(line(name, { ...figures, client_cpu: round((now.cpuMs - this.#since.cpuMs) / (now.atMs - this.#since.atMs), 2) }));
    this.#since = now;
  }

  /** Makes the namespace and waits until pods can be made in it, and until the server has made its own ConfigMap there. */
  async begin(): Promise<void> {
    await must(this.control, "POST", "/api/v1/namespaces", JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: this.namespace } }));
    for (const path of ["serviceaccounts/default", "configmaps/kube-root-ca.crt"]) {
      await this.until(async () => (await this.control.request("GET", `${this.path}/${path}`)).status === 200, { every: POLL_MS, limitMs: 10_000, what: path });
    }
    this.#since = usage();
  }

  /** The next load must not pay for what this one leaves: waits until all of it is gone. */
  async end(): Promise<void> {
    const path = `/api/v1/namespaces/${this.namespace}`;
    await this.control.request("DELETE", path);
    await this.until(async () => (await this.control.request("GET", path)).status === 404, { every: 100, what: "the namespace to go" });
    this.control.close();
  }

  async until(
    holds: () => Promise<boolean>,
    { every, limitMs = this.options.limitMs, what }: { readonly every: number; readonly limitMs?: number; readonly what: string },
  ): Promise<void> {
    for (const start = performance.now(); !(await holds()); await sleep(every)) {
      if (performance.now() - start > limitMs) throw new Error(`gave up waiting for ${what} after ${limitMs / 1000} s`);
    }
  }

  /** Calls `send` for 0 to `count` - 1, on as many connections as the options say; answers how long it took. */
  async each(count: number, send: (connection: Connection, index: number) => Promise<void>, connections = this.options.connections): Promise<number> {
    const open = await this.#warm(connections);
    const start = performance.now();
    let next = 0;
    await Promise.all(
      open.map(async (connection) => {
        for (let index = next++; index < count; index = next++) await send(connection, index);
      }),
    );
    const ms = performance.now() - start;
    for (const connection of open) connection.close();
    return ms;
  }

  /** Connections that are open already: making them is no part of any load. */
  async #warm(count: number): Promise<Connection[]> {
    return Promise.all(
      Array.from({ length: count }, async () => {
        const connection = new Connection(this.target);
        await must(connection, "GET", "/version");
        return connection;
      }),
    );
  }

  connections(count: number): Promise<Connection[]> {
    return this.#warm(count);
  }
}

/** An answer that is no success ends the load: figures of a server that refuses mean nothing. */
export async function must(connection: Connection, method: string, path: string, body?: string): Promise<Answer> {
  const answer = await connection.request(method, path, body);
  if (answer.status < 200 || answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${answer.body.toString("utf8", 0, 300)}`);
  return answer;
}

/** Of an object, or of a list: the first one that is written there. */
export function versionIn(body: Buffer): string {
  const version = /"resourceVersion": ?"(\d+)"/.exec(body.toString("latin1"))?.[1];
  if (version === undefined) throw new Error("an answer without resourceVersion");
  return version;
}
