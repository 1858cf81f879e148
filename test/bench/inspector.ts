// Speaks the Chrome DevTools protocol with workerd's inspector.

interface Reply {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}
interface Call {
  done(result: unknown): void;
  failed(error: Error): void;
}

export class Inspector {
  readonly #socket: WebSocket;
  readonly #calls = new Map<number, Call>();
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(String(data)) as Reply));
    socket.addEventListener("close", () => {
      for (const call of this.#calls.values()) call.failed(new Error("the inspector closed the connection"));
    });
  }

  /** The target whose title or id names the Worker; Miniflare runs Workers of its own beside it. */
  static async connect(base: URL, worker: string): Promise<Inspector> {
    const list = new URL("/json", base);
    list.protocol = "http:";
    const targets = (await (await fetch(list)).json()) as readonly { readonly id: string; readonly title?: string }[];
    const found = targets.find(({ id }) => id.endsWith(`:${worker}`)) ?? targets.find(({ id, title }) => `${id} ${title}`.includes(worker));
    if (!found) throw new Error(`the inspector has no target for ${worker}, only ${targets.map(({ id }) => id).join(", ")}`);
    const socket = new WebSocket(`ws://${list.host}/${found.id}`);
    await new Promise<void>((opened, failed) => {
      socket.addEventListener("open", () => opened());
      socket.addEventListener("error", () => failed(new Error("the inspector cannot be reached")));
    });
    return new Inspector(socket);
  }

  call(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((done, failed) => {
      this.#calls.set(id, { done, failed });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.#calls.clear();
    this.#socket.close();
  }

  #take({ id, result, error }: Reply): void {
    const call = id === undefined ? undefined : this.#calls.get(id);
    if (id === undefined || !call) return;
    this.#calls.delete(id);
    if (error) call.failed(new Error(error.message));
    else call.done(result);
  }
}
