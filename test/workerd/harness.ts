// The whole Worker inside the platform's own runtime: requests, watches, and the actors behind them.
import { env as bound } from "cloudflare:workers";
import type { ActorEnv } from "../../durable-objects/env.ts";
import worker from "../../workers/index.ts";

export const env = bound as unknown as ActorEnv & { readonly [binding: string]: DurableObjectNamespace };
export type Transport = "stream" | "socket";
interface Named {
  readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly uid: string };
}
export interface WatchEvent {
  readonly type: string;
  readonly object: Named & { readonly kind?: string; readonly code?: number };
}
export interface Answer {
  readonly status: number;
  readonly body: Named & {
    readonly kind?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly items?: readonly Named[];
    readonly data?: Readonly<Record<string, string>>;
  };
}

function request(method: string, path: string, body: unknown, transport: Transport): Promise<Response> {
  const init: RequestInit = { method, headers: { authorization: "Bearer workerd-test-token" } };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...(init.headers as object), "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json" };
  }
  return Promise.resolve(worker.fetch(new Request(`http://paperplane.test${path}`, init), { ...env, WATCH_TRANSPORT: transport }));
}
export async function api(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await request(method, path, body, "stream");
  return { status: response.status, body: await response.json() };
}

export const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
export const configMap = (name: string, data: Readonly<Record<string, string>> = {}) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });

/** The store of a resource of the root cluster. */
export const store = (resource: string): DurableObjectStub => (env.STORE as unknown as DurableObjectNamespace).getByName(`root|${resource}`);
export const controller = (name: string): DurableObjectStub => (env.CONTROLLER as unknown as DurableObjectNamespace).getByName(`root|${name}`);

export interface Watch {
  readonly status: number;
  /** The next event; rejects when the watch ended. */
  next(): Promise<WatchEvent>;
  /** Events up to the first of that type about `name`. Bookmarks, and what controllers write for themselves, are left out. */
  until(name: string, type: string): Promise<readonly WatchEvent[]>;
  close(): Promise<void>;
}
export async function watch(path: string, transport: Transport): Promise<Watch> {
  const response = await request("GET", path, undefined, transport);
  const reader = (response.body ?? new Blob([]).stream()).getReader();
  const decoder = new TextDecoder();
  const ready: WatchEvent[] = [];
  let rest = "";
  const next = async (): Promise<WatchEvent> => {
    for (;;) {
      const event = ready.shift();
      if (event) return event;
      const { done, value } = await reader.read();
      if (done) throw new Error("the watch ended");
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      ready.push(...lines.filter((line) => line !== "").map((line) => JSON.parse(line) as WatchEvent));
    }
  };
  return {
    status: response.status,
    next,
    async until(name, type) {
      const seen: WatchEvent[] = [];
      for (;;) {
        const event = await next();
        if (event.type === "BOOKMARK" || event.object.metadata.name === "kube-root-ca.crt") continue;
        seen.push(event);
        if (event.type === type && event.object.metadata.name === name) return seen;
      }
    },
    close: () => reader.cancel(),
  };
}

export async function eventually<T>(ask: () => Promise<T>, hoped: (answer: T) => boolean): Promise<T> {
  for (const end = Date.now() + 10_000; ; await new Promise((again) => setTimeout(again, 20))) {
    const answer = await ask();
    if (hoped(answer)) return answer;
    if (Date.now() > end) throw new Error(`did not come about: ${JSON.stringify(answer)}`);
  }
}

/** What `/metrics` says of the root cluster: each series by its name and labels. */
export async function metrics(): Promise<ReadonlyMap<string, number>> {
  const response = await request("GET", "/metrics", undefined, "stream");
  const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}
