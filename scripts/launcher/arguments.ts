// The launcher's command line.
import { resolve } from "node:path";

export interface Arguments {
  readonly port: number;
  /** Absolute. */
  readonly data: string;
  readonly nodes: number;
  readonly timing: "instant" | "realistic";
  readonly watchTransport: "stream" | "socket";
}
export const USAGE = `npm start -- [--port N] [--data DIR] [--nodes N] [--timing instant|realistic]
  --port N      serve on http://127.0.0.1:N            (8787)
  --data DIR    keep state and the kubeconfig in DIR   (.paperplane)
  --nodes N     simulated nodes of a new root cluster  (3)
  --timing P    how long pulls and starts take         (instant)`;

function integer(name: string, text: string | undefined, range: { readonly min: number; readonly max: number }): number {
  const value = Number(text);
  if (text === undefined || !/^\d+$/.test(text) || value < range.min || value > range.max) {
    throw new Error(`${name} takes a whole number from ${range.min} to ${range.max}, not ${text ?? "nothing"}`);
  }
  return value;
}
function oneOf<T extends string>(name: string, text: string | undefined, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (!found) throw new Error(`${name} is one of ${choices.join(", ")}, not ${text ?? "nothing"}`);
  return found;
}

/** Throws an Error with a sentence for the user. */
export function parseArguments(argv: readonly string[], cwd: string): Arguments {
  const found = {
    port: 8787,
    data: ".paperplane",
    nodes: 3,
    timing: "instant" as Arguments["timing"],
    watchTransport: "stream" as Arguments["watchTransport"],
  };
  const words = argv.flatMap((word) =>
    word.startsWith("--") && word.includes("=") ? [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)] : [word],
  );
  for (let at = 0; at < words.length; at += 2) {
    const value = words[at + 1];
    switch (words[at]) {
      case "--port":
        found.port = integer("--port", value, { min: 1, max: 65_535 });
        break;
      case "--data":
        if (!value) throw new Error("--data takes a folder");
        found.data = value;
        break;
      case "--nodes":
        found.nodes = integer("--nodes", value, { min: 0, max: 5000 });
        break;
      case "--timing":
        found.timing = oneOf("--timing", value, ["instant", "realistic"]);
        break;
      case "--watch-transport":
        found.watchTransport = oneOf("--watch-transport", value, ["stream", "socket"]);
        break;
      default:
        throw new Error(`unknown argument ${words[at] ?? ""}\n${USAGE}`);
    }
  }
  return { ...found, data: resolve(cwd, found.data) };
}
