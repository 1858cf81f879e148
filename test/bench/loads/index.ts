// All loads by name.
import type { LoadOptions, Session } from "../session.ts";
import { create, get, rate } from "./requests.ts";

export interface Load {
  readonly needsNamespace: boolean;
  readonly defaults: Partial<LoadOptions>;
  run(session: Session): Promise<void>;
}
export const LOADS: Readonly<Record<string, Load>> = {
  create: { needsNamespace: true, defaults: {}, run: create },
  get: { needsNamespace: true, defaults: {}, run: get },
  rate: { needsNamespace: true, defaults: { count: 2000, rate: 200 }, run: rate },
};
