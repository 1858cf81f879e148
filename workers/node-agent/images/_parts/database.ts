// Long runners that only listen: databases and brokers of which nothing but the port is simulated.
import type { SimImage } from "../../../../shared/sim/image.ts";
import { DEBIAN_WORDS, defineImage } from "./define-image.ts";

export interface LongRunner {
  readonly name: string;
  readonly repositories: readonly string[];
  readonly ports: readonly number[];
  readonly command: string;
  readonly sizeMiB: number;
  readonly says: string;
  readonly tagWords?: readonly string[];
}
export const longRunner = (facts: LongRunner): SimImage =>
  defineImage({
    name: facts.name,
    repositories: facts.repositories,
    tagWords: [...DEBIAN_WORDS, ...(facts.tagWords ?? [])],
    sizeMiB: facts.sizeMiB,
    entrypoint: ["docker-entrypoint.sh"],
    cmd: [facts.command],
    servers: ["docker-entrypoint.sh", facts.command],
    server: () => ({
      ports: facts.ports,
      startLines: [{ afterMs: 0, stream: "stdout", text: facts.says }],
      term: { afterMs: 0, code: 0, lines: [] },
    }),
  });
