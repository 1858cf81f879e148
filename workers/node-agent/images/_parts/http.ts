// What the simulated web servers share: answers, dates and log lines in the combined format.
import type { EpochMs } from "../../../../shared/base/ports.ts";
import type { HttpReply, HttpRequest, HttpResponse, LogLine } from "../../../../shared/sim/image.ts";

const two = (value: number): string => String(value).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `21/Nov/2026:12:00:00 +0000` */
export function clfTime(now: EpochMs): string {
  const at = new Date(now);
  const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  return `${two(at.getUTCDate())}/${MONTHS[at.getUTCMonth()] ?? ""}/${at.getUTCFullYear()}:${clock} +0000`;
}
export const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

export function respond(status: number, type: string, body: string, server: string, now: EpochMs): HttpResponse {
  return {
    status,
    headers: { server, date: new Date(now).toUTCString(), "content-type": type, "content-length": String(bytesOf(body)) },
    body,
  };
}
/** One line of an access log in the combined format. */
export function combinedLine(request: HttpRequest, response: HttpResponse, now: EpochMs): LogLine {
  const header = (name: string): string => request.headers[name] ?? "-";
  const first = `"${request.method} ${request.path} HTTP/1.1"`;
  const text = `${request.from} - - [${clfTime(now)}] ${first} ${response.status} ${bytesOf(response.body)} "${header("referer")}" "${header("user-agent")}" "${header("x-forwarded-for")}"`;
  return { at: now, stream: "stdout", text };
}
export const logged = (request: HttpRequest, response: HttpResponse, now: EpochMs): HttpReply => ({
  response: request.method === "HEAD" ? { ...response, body: "" } : response,
  log: [combinedLine(request, response, now)],
});
export const pathOf = (request: HttpRequest): string => request.path.split("?")[0] ?? "/";

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
export const escapeHTML = (text: string): string => text.replaceAll(/[&<>"]/g, (char) => ESCAPES[char] ?? char);

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  css: "text/css",
  js: "application/javascript",
  json: "application/json",
  txt: "text/plain",
  svg: "image/svg+xml",
  xml: "text/xml",
};
export const contentType = (path: string): string => TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream";
