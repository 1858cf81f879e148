// The contract of a simulated image and of the container that runs it: everything is a function of a view and of time.
import type { EpochMs } from "../base/ports.ts";

export interface LogLine {
  readonly at: EpochMs;
  readonly stream: "stdout" | "stderr";
  /** Without the line feed. */
  readonly text: string;
}
export interface HttpRequest {
  readonly method: string;
  /** With the query, as `/index.html?a=b`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly port: number;
  /** Address of the client. */
  readonly from: string;
}
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
/** An answer and what the server writes about it into its log. */
export interface HttpReply {
  readonly response: HttpResponse;
  readonly log: readonly LogLine[];
}
export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** When the command ends; it begins at the time it was asked for. */
  readonly endsAt: EpochMs;
  /** Steps that it took to find out: whoever asks often should mind them. */
  readonly effort: number;
}

/** All that a program may know of the container it runs in. Small facts only: a program is started again after an eviction. */
export interface ContainerView {
  /** Entrypoint and arguments, variables expanded. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  readonly hostname: string;
  readonly startedAt: EpochMs;
  readonly containerID: string;
  readonly podName: string;
  readonly namespace: string;
  readonly nodeName: string;
  readonly podIP: string;
  readonly image: string;
  /** containerPorts that the pod declares. */
  readonly ports: readonly number[];
  /** Standard input is kept open (`stdin: true`). */
  readonly stdin: boolean;
  /** How a foreign program takes SIGTERM when nothing handles it: ends at once, or (as PID 1 does) ignores it. */
  readonly defaultTerm: "exit" | "ignore";
  /** Mounted files by absolute path, as they are when asked. */
  readonly files: () => ReadonlyMap<string, string>;
  /** The address of a DNS name as the pod sees it, undefined where there is none. */
  readonly resolve: (name: string) => string | undefined;
}

/** A process that listens: web servers, databases, pause. */
export interface Server {
  readonly ports: readonly number[];
  /** What it writes when it starts, with offsets in milliseconds. */
  readonly startLines: readonly (Omit<LogLine, "at"> & { readonly afterMs: number })[];
  http?(request: HttpRequest, now: EpochMs): HttpReply;
  /** SIGTERM: exits so long after it with this code; lines are written then. */
  readonly term: { readonly afterMs: number; readonly code: number; readonly lines: readonly string[] };
}

/** What an image's executable is: the image's own server, a tool of the shell, or not there at all. */
export type Executable = "server" | "tool" | "missing";

/** One image: a program in a box. One file each in workers/node-agent/images. */
export interface SimImage {
  readonly name: string;
  /** Repositories as people write them, without registry host `docker.io` and without `library/`. */
  readonly repositories: readonly string[];
  /** Words that occur in tags besides numbers, as `alpine`, `bookworm`. */
  readonly tagWords: readonly string[];
  readonly sizeBytes: number;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  readonly user: number;
  /** What a command (its base name) of this image is. */
  executable(command: string): Executable;
  /** The image's server for these arguments; also asked for tools that serve (`httpd -f`). */
  server(view: ContainerView): Server;
  /** A tool of its own besides those of the shell: what it prints and its exit code. */
  tool?(argv: readonly string[], view: ContainerView): { readonly code: number; readonly stdout: string } | undefined;
}

/** A started container: pure questions about any moment of its life. */
export interface Program {
  readonly ports: readonly number[];
  /** When and how it ends by itself; undefined: never, as far as one can tell. */
  readonly exit: { readonly at: EpochMs; readonly code: number; readonly terminationMessage: string } | undefined;
  /** Lines written at or after `from` and before `until`, oldest first; perhaps only the last `max`. */
  logs(from: EpochMs, until: EpochMs, max: number): readonly LogLine[];
  /** When the first line at or after `from` is written; undefined: it writes no more by itself, as far as one can tell. */
  nextLog(from: EpochMs): EpochMs | undefined;
  http(request: HttpRequest, now: EpochMs): HttpReply | undefined;
  /** Runs a command beside the main process: probes and hooks. */
  exec(argv: readonly string[], at: EpochMs): ExecResult;
  /** How it takes SIGTERM; undefined: not at all, it waits for SIGKILL. */
  term(at: EpochMs): { readonly at: EpochMs; readonly code: number; readonly lines: readonly LogLine[] } | undefined;
  /** From then on its files and ports no longer change by themselves. */
  readonly quietAfter: EpochMs;
  /** Files that the program itself has made by then. */
  files(at: EpochMs): ReadonlyMap<string, string>;
  /** It asked for things that may come (DNS names): its end should be worked out again when they do. */
  readonly asksWorld: boolean;
}
