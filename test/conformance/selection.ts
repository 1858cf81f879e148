// Which tests of the suite a run is made of. Their names are the suite's own.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

export const USAGE = `npm run conformance -- [--quick | --from FILE | --match TEXT ...] [--procs N] [--update] [--kubeconfig FILE]
  (nothing)          the tests of test/conformance/first-cluster.txt
  --quick            the tests of test/conformance/quick.txt
  --from FILE        one name a line
  --match TEXT       tests of first-cluster.txt whose name holds the text
  --procs N          run so many at once (4)
  --update           add those that pass to passing.txt, and take none away
  --kubeconfig FILE  a server that runs already, instead of a fresh one`;

export interface Selection {
  readonly names: readonly string[];
  readonly procs: number;
  readonly update: boolean;
  readonly kubeconfig: string | undefined;
  readonly quick: boolean;
}
export const PASSING = join(import.meta.dirname, "passing.txt");
export const namesIn = (file: string): readonly string[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));

/** Undefined: only the usage was asked for. */
export function select(argv: readonly string[]): Selection | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: "boolean", default: false },
      from: { type: "string" },
      match: { type: "string", multiple: true, default: [] },
      procs: { type: "string", default: "4" },
      update: { type: "boolean", default: false },
      kubeconfig: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const file = values.from ?? join(import.meta.dirname, values.quick ? "quick.txt" : "first-cluster.txt");
  const names = namesIn(file).filter((name) => values.match.length === 0 || values.match.some((text) => name.includes(text)));
  return { names, procs: Number(values.procs), update: values.update, kubeconfig: values.kubeconfig, quick: values.quick };
}
