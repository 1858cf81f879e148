// One seed from its beginning to its end: trouble first, then peace, then the questions.
import { check } from "./_checkers.ts";
import { type Faults, NO_FAULTS } from "./_simulation.ts";
import { type Scenario, SCENARIOS } from "./_scenarios.ts";
import { System } from "./_system.ts";
import { Watcher } from "./_watcher.ts";

/** So long after the trouble has ended everything must be as it was asked for. */
const PATIENCE_MS = 60 * 60_000;
const TROUBLE_MS_MAX = 5 * 60_000;
const LOOK_MS = 5000;
/** And so long nobody may write anything then. */
const QUIET_MS = 10 * 60_000;

/** Each seed has troubles of its own: some of them none of a sort, some of them many. */
function faultsOf(system: System): Faults {
  const { clock } = system.simulation;
  const some = (most: number): number => (clock.chance(0.35) ? 0 : clock.random() * most);
  return {
    lostRequest: some(0.15),
    lostAnswer: some(0.15),
    repeated: some(0.3),
    slow: some(0.25),
    crash: some(0.05),
    sleep: some(0.05),
    cutAfterWrite: some(0.1),
  };
}
export interface Outcome {
  readonly scenario: Scenario;
  readonly problems: readonly string[];
  readonly operations: readonly string[];
  readonly steps: number;
  /** Virtual time from the end of the trouble until all was well. */
  readonly settledMs: number;
  readonly events: number;
  /** How deep calls nested. */
  readonly deepest: number;
  readonly counts: ReadonlyMap<string, number>;
}

export async function runSeed(seed: number): Promise<Outcome> {
  const scenario = SCENARIOS[seed % SCENARIOS.length] as Scenario;
  const system = new System(seed, scenario.nodes);
  const { simulation } = system;
  const { clock } = simulation;
  check(system);
  const watchers = [
    new Watcher(system, "/pods"),
    new Watcher(system, "/pods", { labelSelector: "app=web" }),
    new Watcher(system, "apps/deployments"),
    new Watcher(system, "/pods", { namespace: "x" }),
  ];
  for (const watcher of watchers) void watcher.follow();
  simulation.faults = faultsOf(system);
  let ended = false;
  scenario.act(system).then(
    () => (ended = true),
    (error: unknown) => simulation.fail(`users: ${error instanceof Error ? error.message : String(error)}`),
  );
  const begun = clock.now;
  // oxlint-disable-next-line no-unmodified-loop-condition -- the scenario ends it from its promise
  while (simulation.problems.length === 0 && !ended && clock.now - begun < TROUBLE_MS_MAX) {
    await simulation.run(500);
    if (clock.chance(0.05)) clock.pick(watchers)?.cut();
  }
  await simulation.run(clock.between(0, 20_000));
  simulation.faults = NO_FAULTS;
  simulation.log("peace");
  const peace = clock.now;
  const open = (): string[] => (ended ? [...scenario.open(system), ...watchers.flatMap((watcher) => watcher.difference())] : ["users are not done"]);
  while (simulation.problems.length === 0 && open().length > 0 && clock.now - peace < PATIENCE_MS) await simulation.run(LOOK_MS);
  const settledMs = clock.now - peace;
  for (const problem of open().slice(0, 10)) simulation.fail(`[Y6] after ${PATIENCE_MS / 60_000} minutes: ${problem}`);
  if (simulation.problems.length === 0) await checkQuiet(system, open);
  return {
    scenario,
    counts: simulation.counts,
    problems: simulation.problems,
    operations: simulation.operations,
    steps: simulation.steps,
    deepest: simulation.deepest,
    settledMs,
    events: watchers.reduce((sum, { events }) => sum + events, 0),
  };
}

/** All is well, stays well, and nobody works on it any more. */
async function checkQuiet(system: System, open: () => string[]): Promise<void> {
  const { simulation } = system;
  await simulation.run(QUIET_MS);
  const writes: string[] = [];
  simulation.observers.push((host, { namespace, name }) => void writes.push(`${host.label} ${namespace}/${name}`));
  await simulation.run(QUIET_MS);
  for (const problem of open()) simulation.fail(`[Y7] was well and is not any more: ${problem}`);
  for (const write of writes.slice(0, 5)) simulation.fail(`[Y7] a settled cluster writes: ${write}`);
}
