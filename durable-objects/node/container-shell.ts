// A shell inside a simulated container: just-bash over the container's files, with cwd and environment kept between lines.
import type { Bash as BashType } from "just-bash/browser";
import type { ContainerLook } from "../../shared/sim/node.ts";

export interface ShellOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}
const HOME = "/root";
const TIME_MAX_MS = 30_000;
const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
export const commandLine = (argv: readonly string[]): string => argv.map(quote).join(" ");

const EXTRA_FILES = (look: ContainerLook): Record<string, string> => ({
  "/etc/hostname": `${look.view.hostname}\n`,
  "/etc/hosts": `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${look.view.podIP}\t${look.view.hostname}\n`,
  "/etc/resolv.conf": `search ${look.view.namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n`,
  "/etc/os-release": `NAME="${look.image.name}"\nID=${look.image.name}\nPRETTY_NAME="${look.image.name} (simulated)"\n`,
  "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
});

export class ContainerShell {
  readonly #look: ContainerLook;
  readonly #bash: BashType;
  readonly #before: ReadonlyMap<string, string>;
  readonly #now: number;
  #env: Record<string, string>;
  #cwd: string;

  private constructor(look: ContainerLook, bash: BashType, files: ReadonlyMap<string, string>, now: number) {
    this.#look = look;
    this.#bash = bash;
    this.#before = files;
    this.#now = now;
    this.#env = { ...look.view.env };
    this.#cwd = look.view.workingDir;
  }

  /** Opens a shell over the files as they are now. The shell itself is big: it is loaded when it is first wanted. */
  static async open(look: ContainerLook, now: number): Promise<ContainerShell> {
    const { Bash, defineCommand } = await import("just-bash/browser");
    const files = new Map([...Object.entries(EXTRA_FILES(look)), ...look.program.files(now), ...look.view.files()].filter(([path]) => !path.endsWith("/")));
    const say = (name: string, text: (args: readonly string[]) => string) =>
      defineCommand(name, async (args) => ({ stdout: text(args), stderr: "", exitCode: 0 }));
    const system = `Linux ${look.view.hostname} 6.12.0 #1 SMP x86_64 GNU/Linux\n`;
    const simulated = (name: string) =>
      defineCommand(name, async (args) => {
        const result = look.program.exec([name, ...args], now);
        return { stdout: result.stdout, stderr: result.stderr, exitCode: result.code };
      });
    const bash = new Bash({
      files: Object.fromEntries(files),
      env: { HOME, ...look.view.env },
      cwd: look.view.workingDir,
      customCommands: [
        say("hostname", () => `${look.view.hostname}\n`),
        say("uname", (args) => (args.includes("-a") ? system : args.includes("-n") ? `${look.view.hostname}\n` : args.includes("-m") ? "x86_64\n" : "Linux\n")),
        say("id", () => "uid=0(root) gid=0(root) groups=0(root)\n"),
        say("ps", () => `PID   USER     TIME  COMMAND\n    1 root      0:00 ${look.view.argv.join(" ")}\n`),
        ...["nslookup", "redis-cli", "psql", "pg_isready"].map(simulated),
      ],
    });
    return new ContainerShell(look, bash, files, now);
  }

  get cwd(): string {
    return this.#cwd;
  }

  /** Runs a line; what it changes of environment and directory stays. */
  async run(line: string, stdin = ""): Promise<ShellOutput> {
    const result = await this.#bash.exec(line, {
      env: this.#env,
      cwd: this.#cwd,
      ...(stdin === "" ? {} : { stdin }),
      signal: AbortSignal.timeout(TIME_MAX_MS),
    });
    const { PWD, ...env } = result.env;
    this.#env = env;
    if (PWD !== undefined && PWD !== "") this.#cwd = PWD;
    return { stdout: result.stdout, stderr: result.stderr, code: result.exitCode };
  }

  /** Files that are not as they were when the shell was opened. */
  async changes(limitBytes: number): Promise<Record<string, string>> {
    const changed: Record<string, string> = {};
    let bytes = 0;
    for (const path of this.#bash.fs.getAllPaths()) {
      if (/^\/(bin|usr\/bin|proc|dev|sys)\//.test(path)) continue;
      const stat = await this.#bash.fs.stat(path).catch(() => undefined);
      if (!stat?.isFile) continue;
      const text = await this.#bash.fs.readFile(path);
      if (this.#before.get(path) === text || bytes + text.length > limitBytes) continue;
      bytes += text.length;
      changed[path] = text;
    }
    return changed;
  }
  get startedAt(): number {
    return this.#now;
  }
  get look(): ContainerLook {
    return this.#look;
  }
}
