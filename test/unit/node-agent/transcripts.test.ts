// Plays the lives of pods in test/golden/kubelet and compares what the kubelet says and writes with what is written there.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { ContainerStatus, Pod } from "../../../shared/kinds/_generated/types.ts";
import type { Profile } from "../../../shared/sim/node.ts";
import { desk, eventsOf, podOf, statusOf, T0, worldOf } from "./_node.ts";
import type { WorldFacts } from "./_node.ts";

const DIR = join(import.meta.dirname, "../../golden/kubelet");
interface Moment {
  at: string;
  do?: "create" | "delete" | "gone";
  metadata?: Pod["metadata"];
  world?: WorldFacts;
  /** Exactly these events, `Reason: message` and ` xN` where repeated. */
  events?: string[];
  /** What the last written status says; absent: not looked at; `none`: nothing was written. */
  status?:
    | "none"
    | { phase?: string; reason?: string; ready?: string; initialized?: string; containers?: Record<string, string>; init?: Record<string, string> };
  deleted?: boolean;
  /** When the kubelet wants to be woken next. */
  next?: string;
}
interface Transcript {
  promise: string;
  profile?: Profile;
  world?: WorldFacts;
  pod: Pod["spec"];
  life: Moment[];
}
const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const ms = (text: string): number =>
  [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)].reduce((sum, [, value, unit]) => sum + Number(value) * (UNITS[unit ?? ""] ?? 0), 0);
const time = (text: string | undefined): string => (text === undefined ? "-" : `${(Date.parse(text) - T0) / 1000}s`);

/** A container's status in a line: `running since 0s, ready, restarts 1, last Error(1)`. */
function gist(one: ContainerStatus): string {
  const { running, waiting, terminated } = one.state ?? {};
  const last = one.lastState?.terminated;
  return [
    running
      ? `running since ${time(running.startedAt)}`
      : waiting
        ? `waiting ${waiting.reason}`
        : `ended ${terminated?.reason}(${terminated?.exitCode}) at ${time(terminated?.finishedAt)}`,
    ...(waiting?.message ? [waiting.message] : []),
    ...(terminated?.message ? [terminated.message] : []),
    ...(one.ready ? ["ready"] : []),
    ...(one.restartCount ? [`restarts ${one.restartCount}`] : []),
    ...(last ? [`last ${last.reason}(${last.exitCode})`] : []),
  ].join(", ");
}
const gists = (list: readonly ContainerStatus[] | undefined): Record<string, string> =>
  Object.fromEntries((list ?? []).map((one) => [one.name ?? "", gist(one)]));

describe("kubelet transcripts", () => {
  for (const file of readdirSync(DIR).filter((name) => name.endsWith(".yaml"))) {
    const transcript = parse(readFileSync(join(DIR, file), "utf8")) as Transcript;
    test(`${file}: ${transcript.promise}`, () => {
      const facts: WorldFacts = { ...transcript.world };
      const node = desk({ world: worldOf(facts), ...(transcript.profile ? { profile: transcript.profile } : {}), evicts: true });
      for (const moment of transcript.life) {
        Object.assign(facts, moment.world);
        const at = T0 + ms(moment.at);
        const deleted = moment.do === "delete" ? { deletionTimestamp: "2026-11-21T13:00:00Z", deletionGracePeriodSeconds: 30 } : {};
        const pod = podOf("p", transcript.pod, { ...deleted, ...moment.metadata });
        const effects = node.step(at, moment.do === "gone" ? { gone: ["uid-p"] } : moment.do ? { changed: [pod] } : {});
        const where = `at ${moment.at}`;
        if (moment.events)
          expect(
            eventsOf(effects).map((one) => `${one.reason}: ${one.message.replace(/size: \d+/, "size: <n>")}${one.count > 1 ? ` x${one.count}` : ""}`),
            where,
          ).toEqual(moment.events);
        const status = statusOf(effects);
        if (moment.status === "none") expect(status, where).toBeUndefined();
        else if (moment.status) {
          const condition = (type: string): string | undefined => status?.conditions?.find((one) => one.type === type)?.status;
          const { containers, init, ready, initialized, ...rest } = moment.status;
          expect({ ...status }, where).toMatchObject(rest);
          if (containers) expect(gists(status?.containerStatuses), where).toEqual(containers);
          if (init) expect(gists(status?.initContainerStatuses), where).toEqual(init);
          if (ready) expect(condition("Ready"), where).toBe(ready);
          if (initialized) expect(condition("Initialized"), where).toBe(initialized);
        }
        if (moment.deleted !== undefined)
          expect(
            effects.some((one) => one.do === "delete"),
            where,
          ).toBe(moment.deleted);
        if (moment.next !== undefined) expect(moment.next, where).toBe(node.nextAt === undefined ? "never" : `${(node.nextAt - T0) / 1000}s`);
      }
    });
  }
});
