// agnhost: the commands of the Kubernetes test image that tests lean on.
import type { ContainerView, HttpReply, HttpRequest, Server } from "../../../shared/sim/image.ts";
import { defineImage } from "./_parts/define-image.ts";
import { pathOf, respond } from "./_parts/http.ts";

const COMMANDS = ["netexec", "serve-hostname", "pause", "test-webserver", "guestbook", "liveness", "porter", "net", "nettest"];

const flag = (view: ContainerView, name: string, fallback: number): number => {
  const at = view.argv.findIndex((arg) => arg.startsWith(`--${name}`));
  const text = at < 0 ? "" : (view.argv[at]?.split("=")[1] ?? view.argv[at + 1] ?? "");
  return Number(text) || fallback;
};
function answer(view: ContainerView, request: HttpRequest, now: number): HttpReply {
  const path = pathOf(request);
  const command = view.argv[1];
  const query = new URLSearchParams(request.path.split("?")[1] ?? "");
  const say = (status: number, body: string): HttpReply => ({ response: respond(status, "text/plain; charset=utf-8", body, "agnhost", now), log: [] });
  if (command === "liveness") return now - view.startedAt > 10_000 ? say(500, `error: ${(now - view.startedAt) / 1000}`) : say(200, "ok");
  if (command === "serve-hostname" || path === "/hostname" || path === "/hostName") return say(200, view.hostname);
  if (path === "/clientip") return say(200, `${request.from}:40000`);
  if (path === "/echo") return say(Number(query.get("code") ?? 200) || 200, query.get("msg") ?? "");
  if (path === "/header") return say(200, request.headers[(query.get("key") ?? "").toLowerCase()] ?? "");
  if (path === "/healthz") return say(200, "");
  return path === "/" ? say(200, `NOW: ${new Date(now).toISOString()}`) : say(404, "404 page not found\n");
}

export const agnhost = defineImage({
  name: "agnhost",
  repositories: ["registry.k8s.io/e2e-test-images/agnhost", "gcr.io/k8s-staging-e2e-test-images/agnhost", "k8s.gcr.io/e2e-test-images/agnhost"],
  sizeMiB: 53.5,
  entrypoint: ["/agnhost"],
  cmd: ["pause"],
  servers: ["agnhost"],
  server(view): Server {
    const [, command = "pause"] = view.argv;
    const fallback = command === "serve-hostname" ? 9376 : command === "test-webserver" ? 80 : 8080;
    return {
      ports: command === "pause" ? [] : [flag(view, command === "serve-hostname" || command === "test-webserver" ? "port" : "http-port", fallback)],
      startLines: [{ afterMs: 0, stream: "stdout", text: command === "pause" ? "Paused" : `Started ${COMMANDS.includes(command) ? command : "server"}` }],
      http: (request, now) => answer(view, request, now),
      term: { afterMs: 0, code: command === "pause" ? 2 : 0, lines: [] },
    };
  },
});
