// The lock that keeps two servers out of one data folder. What a killed server left behind is recognized and taken over.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Holder {
  readonly pid: number;
  /** When the process began, as the system says it: process ids come again. */
  readonly began: string;
  readonly url: string;
}
export interface Lock {
  /** The one before was killed; what it started may be going down only now. */
  readonly tookOver: boolean;
  release(): void;
}

/** Undefined: there is no such process. */
function beganAt(pid: number): string | undefined {
  try {
    if (process.platform !== "linux")
      return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program, in parentheses, may hold anything; field 22 is the start time (proc_pid_stat).
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, "utf8")) as Partial<Holder> | null;
    const { pid, began, url } = holder ?? {};
    return typeof pid === "number" && typeof began === "string" ? { pid, began, url: url ?? "" } : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the folder for this process; throws a sentence for the user when another one has it. */
export function lockFolder(data: string, url: string): Lock {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const file = join(data, "lock");
  const mine: Holder = { pid: process.pid, began: beganAt(process.pid) ?? "", url };
  for (let tookOver = false; ; tookOver = true) {
    try {
      writeFileSync(file, JSON.stringify(mine), { flag: "wx", mode: 0o600 });
      return { tookOver, release: () => rmSync(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = readHolder(file);
    if (holder && beganAt(holder.pid) === holder.began) {
      throw new Error(
        `the data folder ${data} is in use by the Paperplane at ${holder.url} (process ${holder.pid}); stop it, or choose another with --data DIR`,
      );
    }
    rmSync(file, { force: true });
  }
}
