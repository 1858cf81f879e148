// nginx: serves mounted files below its document root, or a welcome page.
import type { ContainerView, HttpReply, HttpRequest, Server } from "../../../shared/sim/image.ts";
import { DEBIAN_WORDS, defineImage, PATH } from "./_parts/define-image.ts";
import { clfTime, contentType, escapeHTML, logged, pathOf, respond } from "./_parts/http.ts";

const VERSION = "1.29.3";
const ROOT = "/usr/share/nginx/html";
const NAME = `nginx/${VERSION}`;
const SIGTERM_LINES = ["signal 15 (SIGTERM) received, exiting", "worker process exiting", "exit"];

const page = (title: string, text: string): string =>
  `<!DOCTYPE html>\n<html>\n<head><title>${title}</title></head>\n<body>\n<h1>${title}</h1>\n<p>${text}</p>\n</body>\n</html>\n`;
const welcome = (view: ContainerView): string =>
  page("Welcome to nginx!", `This simulated web server is up in pod ${escapeHTML(view.podName)}. Mount files over ${ROOT} to see them here.`);
const failure = (code: string): string =>
  `<html>\n<head><title>${code}</title></head>\n<body>\n<center><h1>${code}</h1></center>\n<hr><center>${NAME}</center>\n</body>\n</html>\n`;

/** Ports of `listen` in mounted configuration; 80 when there is none. */
function listening(view: ContainerView): number[] {
  const ports = new Set<number>();
  for (const [path, text] of view.files()) {
    if (!path.startsWith("/etc/nginx/")) continue;
    for (const match of text.matchAll(/^\s*listen\s+(?:\[::\]:|[\d.]+:)?(\d{1,5})\b/gm)) ports.add(Number(match[1]));
  }
  return ports.size === 0 ? [80] : [...ports];
}
function serve(view: ContainerView, request: HttpRequest, now: number): HttpReply {
  if (request.method !== "GET" && request.method !== "HEAD") return logged(request, respond(405, "text/html", failure("405 Not Allowed"), NAME, now), now);
  const path = pathOf(request);
  const wanted = `${ROOT}${path}${path.endsWith("/") ? "index.html" : ""}`;
  const files = view.files();
  const body = files.get(wanted) ?? (wanted === `${ROOT}/index.html` ? welcome(view) : undefined);
  if (body !== undefined) return logged(request, respond(200, contentType(wanted), body, NAME, now), now);
  const reply = logged(request, respond(404, "text/html", failure("404 Not Found"), NAME, now), now);
  const text = `${clfTime(now)} [error] 29#29: *1 open() "${wanted}" failed (2: No such file or directory), client: ${request.from}, server: localhost, request: "${request.method} ${request.path} HTTP/1.1"`;
  return { ...reply, log: [{ at: now, stream: "stderr", text }, ...reply.log] };
}
const stamp = (at: number): string => new Date(at).toISOString().slice(0, 19).replaceAll("-", "/").replace("T", " ");

export const nginx = defineImage({
  name: "nginx",
  repositories: ["nginx", "nginxinc/nginx-unprivileged", "bitnami/nginx"],
  tagWords: DEBIAN_WORDS,
  sizeMiB: 59.8,
  entrypoint: ["/docker-entrypoint.sh"],
  cmd: ["nginx", "-g", "daemon off;"],
  env: { PATH, NGINX_VERSION: VERSION },
  servers: ["nginx", "docker-entrypoint.sh"],
  tools: ["nginx-debug"],
  server(view): Server {
    const time = stamp(view.startedAt);
    const notice = (text: string): string => `${time} [notice] 1#1: ${text}`;
    return {
      ports: listening(view),
      startLines: [
        { afterMs: 0, stream: "stdout", text: "/docker-entrypoint.sh: Configuration complete; ready for start up" },
        ...['using the "epoll" event method', NAME, "OS: Linux 6.12.0", "start worker processes", "start worker process 29"].map(
          (text) => ({ afterMs: 0, stream: "stderr", text: notice(text) }) as const,
        ),
      ],
      http: (request, now) => serve(view, request, now),
      term: { afterMs: 0, code: 0, lines: SIGTERM_LINES.map(notice) },
    };
  },
});
