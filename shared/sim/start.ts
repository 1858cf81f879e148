// Starts a simulated container: finds out what its command is and gives the program that answers for it.
import type { ContainerView, Program, SimImage } from "./image.ts";
import { serverProgram } from "./serve.ts";
import type { Foreign } from "./shell/machine.ts";
import { shellProgram } from "./shell/program.ts";

export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** How commands inside the container meet the image's own executables. */
const foreignOf =
  (image: SimImage, view: ContainerView): Foreign =>
  (argv) => {
    const [name = ""] = argv;
    const own = image.tool?.(argv, view);
    if (own) return own;
    return image.executable(name) === "server" ? "serve" : undefined;
  };

/** The command cannot be found in the image: the runtime refuses to start the container. */
export const isMissing = (image: SimImage, argv: readonly string[]): boolean => {
  const [name] = argv;
  return name === undefined || image.executable(baseName(name)) === "missing";
};

export function startProgram(image: SimImage, view: ContainerView): Program {
  const foreign = foreignOf(image, view);
  const [name = ""] = view.argv;
  if (image.executable(baseName(name)) === "server" && image.tool?.([baseName(name), ...view.argv.slice(1)], view) === undefined) {
    return serverProgram(view, image.server(view), foreign);
  }
  const server = image.server(view);
  return shellProgram(view, { foreign, ports: server.ports, http: server.http && ((request, now) => server.http?.(request, now)) });
}
