// A container whose main process is a server, as a Program.
import type { EpochMs } from "../base/ports.ts";
import type { ContainerView, LogLine, Program, Server } from "./image.ts";
import type { Foreign } from "./shell/machine.ts";
import { runBeside } from "./shell/program.ts";

const NO_FILES: ReadonlyMap<string, string> = new Map();

export function serverProgram(view: ContainerView, server: Server, foreign: Foreign): Program {
  const lines = (): LogLine[] => server.startLines.map(({ afterMs, stream, text }) => ({ at: view.startedAt + afterMs, stream, text }));
  return {
    ports: server.ports,
    exit: undefined,
    logs: (from, until, max) => {
      const wanted = lines().filter((line) => line.at >= from && line.at < until);
      return wanted.length > max ? wanted.slice(-max) : wanted;
    },
    nextLog: (from) => lines().find((line) => line.at >= from)?.at,
    http: (request, now) => (server.ports.includes(request.port) ? server.http?.(request, now) : undefined),
    exec: (argv, at) => runBeside(view, argv, at, { files: NO_FILES, foreign }),
    term: (at: EpochMs) => ({
      at: at + server.term.afterMs,
      code: server.term.code,
      lines: server.term.lines.map((text) => ({ at: at + server.term.afterMs, stream: "stderr", text })),
    }),
    quietAfter: view.startedAt,
    files: () => NO_FILES,
    asksWorld: false,
  };
}
