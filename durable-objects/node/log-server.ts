// Serves the log of a container: what its program wrote by itself, worked out, and what visitors made it write, stored.
import { badRequest } from "../../shared/errors/status.ts";
import { parseTime } from "../../shared/meta/time.ts";
import type { LogLine } from "../../shared/sim/image.ts";
import { mergeLines, renderLine, renderLines, selectLines, type LogOptions } from "../../shared/sim/logs.ts";
import type { ContainerLook, ContainerRecord, NodeWorld } from "../../shared/sim/node.ts";
import { after } from "../platform/ports.ts";
import { type Addressed, type PodPlace, refuse } from "./pod-place.ts";

/** Lines that one answer holds at most. */
const LINES_MAX = 20_000;
/** While somebody follows: how long it waits at most before it looks again for lines that visitors cause. */
const FOLLOW_MS = 500;

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
  return mergeLines(look.program.logs(Math.max(from, look.view.startedAt), end, LINES_MAX), place.storage.lines(look.id, from, until));
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
  const now = place.now();
  const options = readOptions(query, now);
  const { uid, name } = to.entry.record;
  const world = await place.world([to.entry.pod]);
  const look = place.kubelet.look(place.state(), uid, to.container, options.previous ? "previous" : "current", world);
  if (!look) return refuse(badRequest(refusal(to.entry.record.containers[to.container], to.container, name, options)));
  const lines = selectLines(recentLines(place, look, options, now + 1), options);
  const headers = { "content-type": "text/plain" };
  if (!options.follow || look.finishedAt !== undefined) return new Response(renderLines(lines, options), { headers });
  return new Response(follow(place, to, look, world, { options, first: renderLines(lines, options), from: now + 1 }), { headers });
}

/** A stream that goes on while the container runs; sleeps until the next line that is known to come. */
function follow(
  place: PodPlace,
  to: Addressed,
  first: ContainerLook,
  world: NodeWorld,
  start: { readonly options: LogOptions; readonly first: string; readonly from: number },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stop = (): void => {};
  return new ReadableStream({
    start(controller) {
      let from = start.from;
      if (start.first !== "") controller.enqueue(encoder.encode(start.first));
      const turn = (): void => {
        const until = place.now() + 1;
        const text = selectLines(linesOf(place, first, from, until), { ...start.options, tailLines: undefined, since: undefined })
          .map((line) => renderLine(line, start.options))
          .join("");
        if (text !== "") controller.enqueue(encoder.encode(text));
        from = until;
        const look = place.kubelet.look(place.state(), to.entry.record.uid, to.container, "current", world);
        if (!look || look.id !== first.id || look.finishedAt !== undefined) return controller.close();
        const next = first.program.nextLog(until - 1);
        stop = after(Math.max(10, Math.min(FOLLOW_MS, (next ?? Infinity) - place.now())), turn);
      };
      turn();
    },
    cancel: () => stop(),
  });
}
