// redis: a long runner that listens on its port and says so.
import { DEBIAN_WORDS, defineImage } from "./_parts/define-image.ts";
import { portIn } from "./_parts/shells.ts";

export const redis = defineImage({
  name: "redis",
  repositories: ["redis", "bitnami/redis", "valkey/valkey", "bitnami/valkey"],
  tagWords: DEBIAN_WORDS,
  sizeMiB: 46.2,
  entrypoint: ["docker-entrypoint.sh"],
  cmd: ["redis-server"],
  workingDir: "/data",
  servers: ["docker-entrypoint.sh", "redis-server", "valkey-server"],
  tools: ["redis-cli", "valkey-cli"],
  server(view) {
    const port = portIn(
      view.argv.filter((arg, i) => /--port/.test(arg) || /--port/.test(view.argv[i - 1] ?? "")),
      6379,
    );
    const line = (text: string): string => `1:M ${new Date(view.startedAt).toUTCString().slice(5, 25)}.000 * ${text}`;
    return {
      ports: [port],
      startLines: [
        { afterMs: 0, stream: "stdout", text: line("Running mode=standalone, port=" + String(port) + ".") },
        { afterMs: 0, stream: "stdout", text: line("Server initialized") },
        { afterMs: 0, stream: "stdout", text: line("Ready to accept connections tcp") },
      ],
      term: { afterMs: 0, code: 0, lines: [line("Received SIGTERM scheduling shutdown..."), line("Redis is now ready to exit, bye bye...")] },
    };
  },
  tool: (argv) => (argv[0]?.endsWith("-cli") ? { code: 0, stdout: argv.at(-1)?.toLowerCase() === "ping" ? "PONG\n" : "OK\n" } : undefined),
});
