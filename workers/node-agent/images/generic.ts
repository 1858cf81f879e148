// The image nobody knows: a polite server on every declared port that says where it runs. Shell commands work in it, too.
import type { ContainerView, Executable, HttpReply, HttpRequest, SimImage } from "../../../shared/sim/image.ts";
import { BUILTINS } from "../../../shared/sim/shell/builtins.ts";
import { defineImage } from "./_parts/define-image.ts";
import { escapeHTML, logged, pathOf, respond } from "./_parts/http.ts";

const DEFAULT_PORTS = [80, 8080, 3000];
const METRICS = "# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.\n# TYPE process_start_time_seconds gauge\n";

function answer(view: ContainerView, request: HttpRequest, now: number): HttpReply {
  const facts = {
    pod: view.podName,
    namespace: view.namespace,
    node: view.nodeName,
    ip: view.podIP,
    image: view.image,
    port: request.port,
    path: request.path,
    method: request.method,
  };
  const path = pathOf(request);
  if (path === "/metrics")
    return logged(request, respond(200, "text/plain; version=0.0.4", `${METRICS}process_start_time_seconds ${view.startedAt / 1000}\n`, "simulated", now), now);
  if (/^\/(healthz|livez|readyz|health|ready|live|ping)\/?$/.test(path)) return logged(request, respond(200, "text/plain", "ok", "simulated", now), now);
  if (!(request.headers.accept ?? "").includes("text/html"))
    return logged(request, respond(200, "application/json", `${JSON.stringify(facts)}\n`, "simulated", now), now);
  const rows = Object.entries(facts)
    .map(([name, value]) => `<tr><th>${name}</th><td>${escapeHTML(String(value))}</td></tr>`)
    .join("\n");
  const html = `<!DOCTYPE html>\n<html>\n<head><title>${escapeHTML(view.podName)}</title></head>\n<body>\n<h1>${escapeHTML(view.image)}</h1>\n<p>This image is not known to the simulator; a generic server answers for it.</p>\n<table>\n${rows}\n</table>\n</body>\n</html>\n`;
  return logged(request, respond(200, "text/html; charset=utf-8", html, "simulated", now), now);
}

const definition = defineImage({
  name: "generic",
  repositories: [],
  sizeMiB: 64,
  cmd: ["/app"],
  server: (view) => ({
    ports: view.ports.length > 0 ? view.ports : DEFAULT_PORTS,
    startLines: [
      { afterMs: 0, stream: "stdout", text: `simulated ${view.image} listens on ${(view.ports.length > 0 ? view.ports : DEFAULT_PORTS).join(", ")}` },
    ],
    http: (request, now) => answer(view, request, now),
    term: { afterMs: 0, code: 0, lines: [] },
  }),
});
/** Whatever is no tool of a shell must be the application itself. */
export const generic: SimImage = {
  ...definition,
  executable: (command): Executable => (Object.hasOwn(BUILTINS, command) ? "tool" : "server"),
};
