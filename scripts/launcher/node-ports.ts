// A NodePort is a real port: watches the Services of the root cluster and forwards each node port to the Worker.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { request as httpRequest } from "node:http";

export interface NodePortOptions {
  readonly url: string;
  readonly token: string;
  readonly host: string;
  report(line: string): void;
}
interface ServiceEvent {
  readonly type: string;
  readonly object: {
    readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly resourceVersion?: string };
    readonly spec?: { readonly type?: string; readonly ports?: readonly { readonly nodePort?: number; readonly protocol?: string }[] };
  };
}
const RETRY_MS = 500;

/** Follows the Services and keeps a listener for each of their node ports. */
export function openNodePorts(options: NodePortOptions): { close(): void } {
  const listeners = new Map<number, Server>();
  const wanted = new Map<string, readonly number[]>();
  const abort = new AbortController();

  const apply = (): void => {
    const ports = new Set([...wanted.values()].flat());
    for (const [port, server] of listeners) {
      if (ports.has(port)) continue;
      server.close();
      server.closeAllConnections();
      listeners.delete(port);
    }
    for (const port of ports) if (!listeners.has(port)) listeners.set(port, listen(options, port));
  };
  const take = (event: ServiceEvent): void => {
    const { metadata, spec } = event.object;
    const key = `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
    const ports = (spec?.ports ?? []).flatMap(({ nodePort, protocol }) => (nodePort && protocol !== "UDP" && protocol !== "SCTP" ? [nodePort] : []));
    if (event.type === "DELETED") wanted.delete(key);
    else if (event.type === "ADDED" || event.type === "MODIFIED") wanted.set(key, ports);
    apply();
  };
  const follow = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      try {
        wanted.clear();
        await watchServices(options, abort.signal, take);
      } catch {
        // The server went away or ended the watch; it is asked again below.
      }
      if (!abort.signal.aborted) await new Promise((again) => setTimeout(again, RETRY_MS));
    }
  };
  void follow();
  return {
    close(): void {
      abort.abort();
      for (const server of listeners.values()) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

async function watchServices(options: NodePortOptions, signal: AbortSignal, take: (event: ServiceEvent) => void): Promise<void> {
  const answer = await fetch(`${options.url}/api/v1/services?watch=true&allowWatchBookmarks=true`, {
    headers: { authorization: `Bearer ${options.token}` },
    signal,
  });
  if (!answer.ok || !answer.body) throw new Error(`watching services: ${answer.status}`);
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of answer.body) {
    const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") take(JSON.parse(line) as ServiceEvent);
  }
}

function listen(options: NodePortOptions, port: number): Server {
  const server = createServer((incoming, outgoing) => forward(options, port, incoming, outgoing));
  server.on("error", (error) => options.report(`node port ${port} cannot be opened: ${error.message}`));
  server.listen(port, options.host);
  return server;
}

/** The Worker routes by node port; the path travels as it came. */
function forward(options: NodePortOptions, port: number, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const target = `${options.url}/paperplane/node-port/${port}${incoming.url ?? "/"}`;
  const onward = httpRequest(
    target,
    {
      method: incoming.method ?? "GET",
      headers: { ...incoming.headers, authorization: `Bearer ${options.token}`, "x-paperplane-client": incoming.socket.remoteAddress ?? "" },
    },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  onward.on("error", (error) => {
    if (!outgoing.headersSent) outgoing.writeHead(502, { "content-type": "text/plain" });
    outgoing.end(`${error.message}\n`);
  });
  incoming.pipe(onward);
}
