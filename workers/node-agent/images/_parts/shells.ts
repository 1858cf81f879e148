// What the images around a plain shell share: scripts run, and a few of their tools can serve.
import type { ContainerView, Server } from "../../../../shared/sim/image.ts";
import { logged, respond } from "./http.ts";

/** Tools of shell images that listen until they are stopped. */
export const SERVING = ["httpd", "nc", "ncat", "python", "python3", "socat"];

/** A port named in the words of a command: `httpd -f -p 8080`, `nc -l -p 80`, `python3 -m http.server 8000`. */
export function portIn(words: readonly string[], fallback: number): number {
  for (const text of words.join(" ").matchAll(/(?:^|[\s:=])(\d{2,5})\b/g)) {
    const port = Number(text[1]);
    if (port > 0 && port < 65_536) return port;
  }
  return fallback;
}
export const plainServer = (view: ContainerView): Server => ({
  ports: [...new Set([portIn(view.argv, view.ports[0] ?? 80), ...view.ports])],
  startLines: [],
  http: (request, now) => {
    const path = request.path.split("?")[0] ?? "/";
    const files = view.files();
    const body = files.get(`${view.workingDir === "/" ? "" : view.workingDir}${path}`) ?? files.get(`/www${path}`) ?? files.get(`/var/www${path}`);
    if (body !== undefined) return logged(request, respond(200, "text/plain", body, "simulated", now), now);
    if (path !== "/") return logged(request, respond(404, "text/plain", "404 Not Found\n", "simulated", now), now);
    return logged(request, respond(200, "text/plain", `${view.hostname}\n`, "simulated", now), now);
  },
  term: { afterMs: 0, code: 143, lines: [] },
});
