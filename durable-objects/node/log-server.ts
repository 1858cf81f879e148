// Serves the log of a container: what its program wrote by itself, worked out, and what visitors made it write, stored.
import { LOG_BUFFER_BYTES_MAX, LOG_LINES_MAX } from "../../shared/base/limits.ts";
import { badRequest } from "../../shared/errors/status.ts";
import { parseTime } from "../../shared/meta/time.ts";
import type { LogLine } from "../../shared/sim/image.ts";
import { mergeLines, renderAll, renderLines, selectLines, type LogOptions } from "../../shared/sim/logs.ts";
import type { ContainerLook, ContainerRecord } from "../../shared/sim/node.ts";
import type { Followed } from "./followers.ts";
import { type Addressed, type PodPlace, refuse } from "./pod-place.ts";

function readOptions(query: URLSearchParams, now: number): LogOptions {
  const number = (name: string): number | undefined => (query.has(name) ? Number(query.get(name)) : undefined);
  const truth = (name: string): boolean => query.has(name) && query.get(name) !== "false" && query.get(name) !== "0";
  const seconds = number("sinceSeconds");
  const since = query.get("sinceTime");
  const stream = query.get("stream");
  return {
    follow: truth("follow"),
    previous: truth("previous"),
    timestamps: truth("timestamps"),
    tailLines: number("tailLines"),
    since: seconds === undefined ? (since === null ? undefined : parseTime(since)) : now - seconds * 1000,
    limitBytes: number("limitBytes"),
    stream: stream === "Stdout" || stream === "Stderr" ? stream : "All",
  };
}

function refusal(one: ContainerRecord | undefined, name: string, pod: string, options: LogOptions): string {
  const about = `container ${JSON.stringify(name)} in pod ${JSON.stringify(pod)}`;
  if (options.previous) return `previous terminated ${about} not found`;
  if (one === undefined) return `${about} is waiting to start: ContainerCreating`;
  if (one.reason === "ErrImagePull") return `${about} is waiting to start: image can't be pulled`;
  if (one.reason === "ImagePullBackOff") return `${about} is waiting to start: trying and failing to pull image`;
  return `${about} is waiting to start: ${one.reason ?? "ContainerCreating"}`;
}

/** Lines from `from` up to now, of the program and of its visitors. */
function linesOf(place: PodPlace, look: ContainerLook, from: number, until: number): LogLine[] {
  const end = Math.min(until, look.finishedAt === undefined ? Infinity : look.finishedAt + 1);
  return mergeLines(look.program.logs(Math.max(from, look.view.startedAt), end, LOG_LINES_MAX), place.storage.lines(look.id, from, until));
}
/** How far back one has to look for so many lines: the last hour first, then everything. */
function recentLines(place: PodPlace, look: ContainerLook, options: LogOptions, until: number): LogLine[] {
  const start = options.since ?? look.view.startedAt;
  const wanted = options.tailLines;
  for (const back of wanted === undefined ? [] : [60_000, 3_600_000]) {
    const lines = linesOf(place, look, Math.max(start, (look.finishedAt ?? until) - back), until);
    if (lines.length >= (wanted ?? 0)) return lines;
  }
  return linesOf(place, look, start, until);
}

export async function serveLogs(query: URLSearchParams, place: PodPlace, to: Addressed): Promise<Response> {
  const { uid, name } = to.entry.record;
  const world = await place.world([to.entry.pod]);
  const now = place.now();
  const options = readOptions(query, now);
  const look = place.kubelet.look(place.state(), uid, to.container, options.previous ? "previous" : "current", world);
  if (!look) return refuse(badRequest(refusal(to.entry.record.containers[to.container], to.container, name, options)));
  const headers = { "content-type": "text/plain" };
  if (!options.follow || look.finishedAt !== undefined)
    return new Response(renderLines(selectLines(recentLines(place, look, options, now + 1), options), options), { headers });
  return new Response(follow(place, { uid, container: to.container, look, world }, options), { headers });
}

/** A stream that goes on while the container runs. */
function follow(place: PodPlace, followed: Followed, options: LogOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const later: LogOptions = { ...options, tailLines: undefined };
  let left = options.limitBytes ?? Infinity;
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** False: it was told all that it wants. */
  const tell = (bytes: Uint8Array): boolean => {
    const wanted = bytes.subarray(0, Math.min(bytes.byteLength, left));
    left -= wanted.byteLength;
    if (wanted.byteLength > 0) stream?.enqueue(wanted);
    if (left <= 0) stream?.close();
    return left > 0;
  };
  const { from, leave } = place.followers.join(followed, {
    take(lines) {
      // A client that does not read: what waits for it would grow without limit.
      if ((stream?.desiredSize ?? 0) <= 0) {
        stream?.close();
        return false;
      }
      return tell(encoder.encode(renderAll(selectLines(lines, later), options)));
    },
    end: () => stream?.close(),
  });
  const first = encoder.encode(renderAll(selectLines(recentLines(place, followed.look, options, from), options), options));
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        stream = controller;
        if (!tell(first)) leave();
      },
      cancel: leave,
    },
    { highWaterMark: first.byteLength + LOG_BUFFER_BYTES_MAX, size: (bytes) => bytes?.byteLength ?? 0 },
  );
}
