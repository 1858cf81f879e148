// OpenAPI documents: made at build time, served as static assets, never in the Worker's memory.
import { notImplemented } from "../../shared/errors/status.ts";
import type { ApiContext } from "./context.ts";
import { respondStatus } from "./respond.ts";

interface Assets {
  fetch(request: Request): Promise<Response>;
}

export async function openApi(context: ApiContext, path: string): Promise<Response | undefined> {
  const assets = context.env.ASSETS as Assets | undefined;
  if (!path.startsWith("/openapi/v3")) return respondStatus(notImplemented(path));
  if (!assets) return respondStatus(notImplemented("OpenAPI without its built documents"));
  const file = path === "/openapi/v3" ? "/openapi/index.json" : `${path.replace("/openapi/v3/", "/openapi/")}.json`;
  const answer = await assets.fetch(new Request(new URL(file, "https://assets"), { headers: { "accept-encoding": "identity" } }));
  if (!answer.ok) return undefined;
  return new Response(answer.body, { headers: { "content-type": "application/json", etag: answer.headers.get("etag") ?? "" } });
}
