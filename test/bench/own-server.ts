// A fresh server that a program starts for itself, and that goes with all that it stored.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer, type ServerOptions } from "../support/server.ts";
import { readKubeconfig, type Target } from "./kubeconfig.ts";

export interface OwnServer {
  readonly target: Target;
  /** Its processes, without what they started. */
  readonly roots: readonly number[];
  /** Where it keeps its state. */
  readonly data: string;
}
export async function withServer<T>(options: Omit<ServerOptions, "data">, work: (server: OwnServer) => Promise<T>): Promise<T> {
  const data = mkdtempSync(join(tmpdir(), "paperplane-bench-"));
  try {
    const server = await startServer({ ...options, data });
    try {
      const { pid } = JSON.parse(readFileSync(join(data, "lock"), "utf8")) as { readonly pid: number };
      return await work({ target: readKubeconfig(server.kubeconfig), roots: [pid], data });
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}
