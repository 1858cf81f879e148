// httpd: the Apache web server, with its page and its access log in the common format.
import { DEBIAN_WORDS, defineImage } from "./_parts/define-image.ts";
import { bytesOf, clfTime, contentType, pathOf, respond } from "./_parts/http.ts";

const ROOT = "/usr/local/apache2/htdocs";
const NAME = "Apache/2.4.66 (Unix)";

export const httpd = defineImage({
  name: "httpd",
  repositories: ["httpd", "bitnami/apache"],
  tagWords: DEBIAN_WORDS,
  sizeMiB: 43.1,
  cmd: ["httpd-foreground"],
  workingDir: "/usr/local/apache2",
  servers: ["httpd-foreground", "httpd", "apachectl"],
  server: (view) => ({
    ports: [80],
    startLines: [
      {
        afterMs: 0,
        stream: "stderr",
        text: `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${view.podIP}. Set the 'ServerName' directive globally to suppress this message`,
      },
      { afterMs: 0, stream: "stderr", text: `[core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'` },
    ],
    http(request, now) {
      const path = pathOf(request);
      const wanted = `${ROOT}${path}${path.endsWith("/") ? "index.html" : ""}`;
      const body = view.files().get(wanted) ?? (wanted === `${ROOT}/index.html` ? "<html><body><h1>It works!</h1></body></html>\n" : undefined);
      const response =
        body === undefined
          ? respond(404, "text/html; charset=iso-8859-1", "<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>\n", NAME, now)
          : respond(200, contentType(wanted), body, NAME, now);
      const text = `${request.from} - - [${clfTime(now)}] "${request.method} ${request.path} HTTP/1.1" ${response.status} ${bytesOf(response.body)}`;
      return { response: request.method === "HEAD" ? { ...response, body: "" } : response, log: [{ at: now, stream: "stdout", text }] };
    },
    term: { afterMs: 0, code: 0, lines: ["[mpm_event:notice] [pid 1:tid 1] AH00491: caught SIGTERM, shutting down"] },
  }),
});
