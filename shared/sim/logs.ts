// Selecting lines of a container's log, as `kubectl logs` asks for them. Pure functions over lines in order of time.
// Rules of options: pkg/kubelet/kuberuntime/logs/logs.go (tail first, then since, then limitBytes).
import type { EpochMs } from "../base/ports.ts";
import type { LogLine } from "./image.ts";

export interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  /** Only lines at or after this time. */
  readonly since: EpochMs | undefined;
  readonly limitBytes: number | undefined;
  readonly stream: "All" | "Stdout" | "Stderr";
}

/** Two ordered lists as one. */
export function mergeLines(a: readonly LogLine[], b: readonly LogLine[]): LogLine[] {
  if (a.length === 0) return [...b];
  if (b.length === 0) return [...a];
  return [...a, ...b].sort((x, y) => x.at - y.at);
}

const DIGITS = 9;
/** RFC 3339 with nanoseconds, trailing zeros kept as containerd writes them. */
export function logTime(at: EpochMs): string {
  const text = new Date(Math.floor(at)).toISOString();
  return `${text.slice(0, 19)}.${text.slice(20, 23).padEnd(DIGITS, "0")}Z`;
}
export const renderAll = (lines: readonly LogLine[], options: Pick<LogOptions, "timestamps">): string =>
  lines.map((line) => `${options.timestamps ? `${logTime(line.at)} ` : ""}${line.text}\n`).join("");

/** The lines that were asked for. */
export function selectLines(lines: readonly LogLine[], options: LogOptions): LogLine[] {
  let chosen = options.stream === "All" ? [...lines] : lines.filter((line) => line.stream === options.stream.toLowerCase());
  if (options.tailLines !== undefined && options.tailLines >= 0) chosen = options.tailLines === 0 ? [] : chosen.slice(-options.tailLines);
  const { since } = options;
  return since === undefined ? chosen : chosen.filter((line) => line.at >= since);
}

/** As text, cut at limitBytes (UTF-8). */
export function renderLines(lines: readonly LogLine[], options: LogOptions): string {
  const text = renderAll(lines, options);
  if (options.limitBytes === undefined) return text;
  const bytes = new TextEncoder().encode(text);
  return bytes.length <= options.limitBytes ? text : new TextDecoder().decode(bytes.subarray(0, options.limitBytes));
}
