// exec and attach over WebSocket: the channels of kubectl on one side, a shell over the container's files on the other.
import { badRequest, failure } from "../../shared/errors/status.ts";
import { CHANNEL, chooseProtocol, exitStatus, failedStatus, frame, readFrame } from "../../shared/sim/remote-command.ts";
import type { ContainerLook, NodeWorld } from "../../shared/sim/node.ts";
import { commandLine, ContainerShell } from "./container-shell.ts";
import { LineEditor } from "./line-editor.ts";
import { type Addressed, type PodPlace, refuse } from "./pod-place.ts";

/** Bytes of files that a session may leave in a container. */
const OVERLAY_BYTES_MAX = 64 * 1024;
const SHELLS = new Set(["sh", "bash", "ash", "dash", "/bin/sh", "/bin/bash", "/bin/ash", "/bin/dash", "/usr/bin/bash"]);
const CHUNK = 16 * 1024;

interface Session {
  readonly socket: WebSocket;
  readonly place: PodPlace;
  readonly to: Addressed;
  readonly look: ContainerLook;
  readonly world: NodeWorld;
  readonly tty: boolean;
  readonly stdin: boolean;
}
const truth = (query: URLSearchParams, name: string): boolean => query.has(name) && query.get(name) !== "false" && query.get(name) !== "0";

function send(socket: WebSocket, channel: 1 | 2, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += CHUNK) socket.send(frame(channel, bytes.subarray(at, at + CHUNK)));
}
function finish({ socket }: Session, status: unknown): void {
  socket.send(frame(CHANNEL.error, JSON.stringify(status)));
  socket.close(1000);
}

export async function serveExec(request: Request, query: URLSearchParams, place: PodPlace, to: Addressed, action: "exec" | "attach"): Promise<Response> {
  const command = query.getAll("command");
  if (action === "exec" && command.length === 0) return refuse(badRequest("you must specify at least 1 command"));
  const protocol = chooseProtocol(request.headers.get("sec-websocket-protocol"));
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return refuse(badRequest("Upgrade request required"));
  if (!protocol) return refuse(failure(403, "Forbidden", "unable to upgrade: no supported subprotocol"));
  const world = await place.world([to.entry.pod]);
  const look = place.kubelet.look(place.state(), to.entry.record.uid, to.container, "current", world);
  if (!look || look.finishedAt !== undefined) return refuse(badRequest(`container not found ("${to.container}")`));
  const [client, socket] = Object.values(new WebSocketPair());
  if (!client || !socket) return refuse(failure(500, "InternalError", "no socket"));
  socket.binaryType = "arraybuffer";
  socket.accept();
  const session: Session = { socket, place, to, look, world, tty: truth(query, "tty"), stdin: truth(query, "stdin") };
  if (action === "attach") attach(session);
  else void run(session, command).catch((error: unknown) => finish(session, failedStatus(String(error))));
  return new Response(null, { status: 101, webSocket: client, headers: { "sec-websocket-protocol": protocol } });
}

async function run(session: Session, command: readonly string[]): Promise<void> {
  const [name = ""] = command;
  const interactive = session.stdin && SHELLS.has(name) && command.length === 1;
  // Messages that come while the shell is being loaded must not be lost.
  const early: MessageEvent[] = [];
  const catcher = (event: MessageEvent): number => early.push(event);
  session.socket.addEventListener("message", catcher);
  const shell = await ContainerShell.open(session.look, session.place.now());
  session.socket.removeEventListener("message", catcher);
  if (session.look.image.executable(name.slice(name.lastIndexOf("/") + 1)) === "missing") {
    const message = `OCI runtime exec failed: exec failed: unable to start container process: exec: "${name}": ${name.includes("/") ? `stat ${name}: no such file or directory` : "executable file not found in $PATH"}`;
    return finish(
      session,
      failedStatus(`Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: ${message}: unknown`),
    );
  }
  if (interactive && session.tty) return converse(session, shell, early);
  const stdin = session.stdin ? await readAll(session, early) : "";
  const result = interactive ? await shell.run(stdin) : await shell.run(commandLine(command), stdin);
  send(session.socket, CHANNEL.stdout, result.stdout);
  send(session.socket, session.tty ? CHANNEL.stdout : CHANNEL.stderr, result.stderr);
  await keepFiles(session, shell);
  finish(session, exitStatus(result.code));
}
async function keepFiles({ place, to }: Session, shell: ContainerShell): Promise<void> {
  const files = await shell.changes(OVERLAY_BYTES_MAX);
  if (Object.keys(files).length > 0) place.disturb(to.entry.record.uid, to.container, files);
}

/** Standard input up to its end. */
function readAll({ socket }: Session, early: readonly MessageEvent[]): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  return new Promise((done) => {
    const take = (event: MessageEvent): void => {
      const input = readFrame(event.data as ArrayBuffer | string);
      if (input.kind === "stdin") text += decoder.decode(input.bytes, { stream: true });
      else if (input.kind === "close" && input.channel === CHANNEL.stdin) done(text);
    };
    socket.addEventListener("message", take);
    socket.addEventListener("close", () => done(text));
    for (const event of early) take(event);
  });
}

/** An interactive shell: a line is edited here and run when it is complete. */
function converse(session: Session, shell: ContainerShell, early: readonly MessageEvent[]): void {
  const { socket } = session;
  const decoder = new TextDecoder();
  const prompt = (): string => `${shell.cwd} # `;
  const out = (text: string): void => send(socket, CHANNEL.stdout, text.replaceAll(/\r?\n/g, "\r\n"));
  const editor = new LineEditor((text) => out(text));
  let code = 0;
  let busy = Promise.resolve();
  const end = async (): Promise<void> => {
    await keepFiles(session, shell);
    finish(session, exitStatus(code));
  };
  const handle = async (line: string | undefined): Promise<void> => {
    if (line === undefined) return end();
    const words = line.trim().split(/\s+/);
    if (words[0] === "exit" || words[0] === "logout") {
      code = words[1] === undefined ? code : Number(words[1]) & 255;
      return end();
    }
    if (line.trim() !== "") {
      const result = await shell.run(line);
      code = result.code;
      out(result.stdout + result.stderr);
      await keepFiles(session, shell);
    }
    out(prompt());
  };
  const take = (event: MessageEvent): void => {
    const input = readFrame(event.data as ArrayBuffer | string);
    const lines = input.kind === "stdin" ? editor.feed(decoder.decode(input.bytes, { stream: true }), prompt) : input.kind === "close" ? [undefined] : [];
    for (const line of lines) busy = busy.then(() => handle(line)).catch((error: unknown) => out(`sh: ${String(error)}\n`));
  };
  socket.addEventListener("message", take);
  out(prompt());
  for (const event of early) take(event);
}

/** Attach shows what the container writes from now on; a shell that waits for input becomes a conversation. */
function attach(session: Session): void {
  const { socket, place, look, to, world } = session;
  const [name = ""] = look.view.argv;
  if (look.view.stdin && SHELLS.has(name) && look.view.argv.length === 1) {
    void ContainerShell.open(look, place.now()).then((shell) => converse(session, shell, []));
    return;
  }
  const { leave } = place.followers.join(
    { uid: to.entry.record.uid, container: to.container, look, world },
    {
      take(lines) {
        try {
          for (const { stream, text } of lines)
            send(socket, stream === "stderr" && !session.tty ? CHANNEL.stderr : CHANNEL.stdout, `${text}${session.tty ? "\r\n" : "\n"}`);
          return true;
        } catch {
          return false;
        }
      },
      // How the container ended is in the pod's status: attach itself has succeeded.
      end: () => finish(session, exitStatus(0)),
    },
  );
  socket.addEventListener("close", leave);
}
