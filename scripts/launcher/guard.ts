// Keeps workerd from outliving the launcher: a launcher that is killed cannot end it, and it would go on holding the port.
import { spawn, type ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { basename } from "node:path";

/** Reads process ids until its input ends, which it does with the launcher, and kills the last one. `-` stands for none. */
const SCRIPT = `trap '' INT TERM HUP; last=-; while read -r line; do last=$line; done; [ "$last" = - ] || kill -9 "$last" 2>/dev/null`;

/** Watches over every workerd that this process starts from here on. Call what it returns before leaving in good order. */
export function guardRuntime(): () => void {
  if (process.platform === "win32") return () => {};
  // In a session of its own: Ctrl-C and a kill of the whole group pass it by.
  const guard = spawn("sh", ["-c", SCRIPT], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  guard.unref();
  subscribe("child_process", (message) => {
    const child = (message as { readonly process: ChildProcess }).process;
    child.once("spawn", () => {
      if (basename(child.spawnfile).startsWith("workerd")) guard.stdin.write(`${child.pid}\n`);
    });
  });
  return () => void guard.stdin.end("-\n");
}
