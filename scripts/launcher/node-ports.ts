// A NodePort is a real port: watches the Services of the root cluster and forwards each node port to the Worker.
import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from "node:http";

export interface NodePortOptions {
  readonly url: string;
  readonly token: string;
  readonly host: string;
  report(line: string): void;
}
interface ServiceEvent {
  readonly type: string;
  readonly object: {
    readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly annotations?: Readonly<Record<string, string>> };
    readonly spec?: { readonly type?: string; readonly ports?: readonly { readonly nodePort?: number; readonly protocol?: string }[] };
  };
}
/** Node ports by namespace and name. */
type Services = Map<string, readonly number[]>;
const RETRY_MS = 500;

/** Follows the Services and keeps a listener for each of their node ports. */
export function openNodePorts(options: NodePortOptions): { close(): void } {
  const listeners = new Map<number, Server>();
  const abort = new AbortController();

  const open = (services: Services): void => {
    for (const port of [...services.values()].flat()) if (!listeners.has(port)) listeners.set(port, listen(options, port));
  };
  const closeOthers = (services: Services): void => {
    const ports = new Set([...services.values()].flat());
    for (const [port, server] of listeners) {
      if (ports.has(port)) continue;
      server.close();
      server.closeAllConnections();
      listeners.delete(port);
    }
  };
  /** What a new watch has not told of yet may still be there: until it has told of all, no port is closed. */
  const followOnce = async (): Promise<void> => {
    const services: Services = new Map();
    let whole = false;
    await watchServices(options, abort.signal, (event) => {
      note(services, event);
      whole ||= event.object.metadata?.annotations?.["k8s.io/initial-events-end"] === "true";
      open(services);
      if (whole) closeOthers(services);
    });
  };
  const follow = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      try {
        await followOnce();
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

function note(services: Services, { type, object: { metadata, spec } }: ServiceEvent): void {
  const key = `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
  const ports = (spec?.ports ?? []).flatMap(({ nodePort, protocol }) => (nodePort && protocol !== "UDP" && protocol !== "SCTP" ? [nodePort] : []));
  if (type === "DELETED") services.delete(key);
  else if (type === "ADDED" || type === "MODIFIED") services.set(key, ports);
}

/** Not with `fetch`, which looks at the clock twice a second as long as an answer goes on. */
async function watchServices(options: NodePortOptions, signal: AbortSignal, take: (event: ServiceEvent) => void): Promise<void> {
  const query = "watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
  const asked = httpRequest(`${options.url}/api/v1/services?${query}`, { headers: { authorization: `Bearer ${options.token}` }, signal });
  asked.on("error", () => {}).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  if (answer.statusCode !== 200) {
    answer.destroy();
    throw new Error(`watching services: ${answer.statusCode}`);
  }
  let rest = "";
  for await (const chunk of answer.setEncoding("utf8")) {
    const lines = (rest + (chunk as string)).split("\n");
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
