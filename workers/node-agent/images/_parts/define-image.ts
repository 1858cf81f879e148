// Makes a simulated image from what is special about it; everything else is as most images have it.
import type { Executable, Server, SimImage } from "../../../../shared/sim/image.ts";
import { BUILTINS } from "../../../../shared/sim/shell/builtins.ts";

const MiB = 1024 * 1024;
export const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const NO_SERVER: Server = { ports: [], startLines: [], term: { afterMs: 0, code: 0, lines: [] } };

export type ImageDefinition = Partial<Omit<SimImage, "name" | "repositories" | "executable">> & {
  readonly name: string;
  readonly repositories: readonly string[];
  readonly sizeMiB?: number;
  /** Executables that are the image's own server. */
  readonly servers?: readonly string[];
  /** Executables besides those of the shell that are there. */
  readonly tools?: readonly string[];
  /** Has no shell and no tools. */
  readonly bare?: boolean;
};

export function defineImage(definition: ImageDefinition): SimImage {
  const { sizeMiB = 50, servers = [], tools = [], bare = false, ...rest } = definition;
  return {
    tagWords: [],
    sizeBytes: Math.round(sizeMiB * MiB),
    entrypoint: [],
    cmd: ["sh"],
    env: { PATH },
    workingDir: "/",
    user: 0,
    server: () => NO_SERVER,
    ...rest,
    executable(command): Executable {
      if (servers.includes(command)) return "server";
      return tools.includes(command) || (!bare && Object.hasOwn(BUILTINS, command)) ? "tool" : "missing";
    },
  };
}

/** Words that tags of images are made of besides numbers. */
export const DEBIAN_WORDS = ["alpine", "slim", "bookworm", "bullseye", "trixie", "debian", "perl", "stable", "mainline", "lts", "edge"];
