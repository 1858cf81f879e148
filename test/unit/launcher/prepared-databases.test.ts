// Which databases are made before the server starts, by names that the product has.
import { expect, test } from "vitest";
import { resourceIdOf } from "../../../durable-objects/client/names.ts";
import { FIRST_ACTORS } from "../../../scripts/launcher/prepared-databases.ts";
import { KINDS } from "../../../shared/kinds/index.ts";
import { ALL_CONTROLLERS } from "../../../workers/controllers.ts";
import { PROFILES } from "../../../workers/scheduler/subscriptions.ts";

test("there are stores, controllers and schedulers of these names", () => {
  const resources = new Set(KINDS.map(resourceIdOf));
  const controllers = new Set(ALL_CONTROLLERS.map(({ name }) => name));
  expect(FIRST_ACTORS.ResourceStore.filter((name) => !resources.has(name))).toEqual([]);
  expect(FIRST_ACTORS.Controller.filter((name) => !controllers.has(name))).toEqual([]);
  expect(FIRST_ACTORS.Scheduler).toEqual(PROFILES);
});
