// Logs as they are asked for, and the channels of exec on the wire.
import { describe, expect, test } from "vitest";
import type { LogLine } from "../../../shared/sim/image.ts";
import type { LogOptions } from "../../../shared/sim/logs.ts";
import { logTime, mergeLines, renderLines, selectLines } from "../../../shared/sim/logs.ts";
import { CHANNEL, chooseProtocol, exitStatus, frame, readFrame } from "../../../shared/sim/remote-command.ts";

const T = Date.UTC(2026, 10, 21, 12, 0, 0);
const ALL: LogOptions = { follow: false, previous: false, timestamps: false, tailLines: undefined, since: undefined, limitBytes: undefined, stream: "All" };
const LINES: LogLine[] = [0, 1, 2, 3].map((i) => ({ at: T + i * 1000, stream: i % 2 ? "stderr" : "stdout", text: `line ${i}` }));
const texts = (options: Partial<LogOptions>): string[] => selectLines(LINES, { ...ALL, ...options }).map((line) => line.text);

describe("logs", () => {
  test("tail counts from the end, and 0 is nothing", () => {
    expect(texts({ tailLines: 2 })).toEqual(["line 2", "line 3"]);
    expect(texts({ tailLines: 0 })).toEqual([]);
    expect(texts({ tailLines: 99 })).toHaveLength(4);
  });
  test("since includes its own moment", () => expect(texts({ since: T + 2000 })).toEqual(["line 2", "line 3"]));
  test("one stream alone", () => expect(texts({ stream: "Stderr" })).toEqual(["line 1", "line 3"]));
  test("timestamps have nanoseconds", () => {
    expect(logTime(T + 5)).toBe("2026-11-21T12:00:00.005000000Z");
    expect(renderLines(LINES.slice(0, 1), { ...ALL, timestamps: true })).toBe("2026-11-21T12:00:00.000000000Z line 0\n");
  });
  test("limitBytes cuts in the middle of a line", () => expect(renderLines(LINES, { ...ALL, limitBytes: 9 })).toBe("line 0\nli"));
  test("two logs become one in order of time", () => {
    const [a, b, c, d] = LINES;
    expect(mergeLines([a, c] as LogLine[], [b, d] as LogLine[])).toEqual(LINES);
  });
});

describe("remote command", () => {
  test("the newest protocol both know is chosen", () => {
    expect(chooseProtocol("v4.channel.k8s.io, v5.channel.k8s.io")).toBe("v5.channel.k8s.io");
    expect(chooseProtocol("v4.channel.k8s.io")).toBe("v4.channel.k8s.io");
    expect(chooseProtocol("channel.k8s.io")).toBeUndefined();
    expect(chooseProtocol(null)).toBeUndefined();
  });
  test("frames carry their channel first", () => {
    expect([...frame(CHANNEL.stdout, "hi")]).toEqual([1, 104, 105]);
    expect(readFrame(frame(CHANNEL.stdin, "ls\r"))).toMatchObject({ kind: "stdin", bytes: new TextEncoder().encode("ls\r") });
    expect(readFrame(new Uint8Array([255, 0]))).toEqual({ kind: "close", channel: 0 });
    expect(readFrame(frame(CHANNEL.resize, '{"Width":80,"Height":24}'))).toEqual({ kind: "resize", width: 80, height: 24 });
    expect(readFrame(new Uint8Array([]))).toEqual({ kind: "unknown", channel: -1 });
  });
  test("the end of a command is a Status", () => {
    expect(exitStatus(0)).toEqual({ metadata: {}, status: "Success" });
    expect(exitStatus(3)).toMatchObject({ status: "Failure", reason: "NonZeroExitCode", details: { causes: [{ reason: "ExitCode", message: "3" }] } });
  });
});
