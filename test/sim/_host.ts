// One Durable Object: what lasts (database, key-value pairs, alarm, sockets) and the lives that its instance has over it.
import { WATCH_ASKS } from "../../shared/api/watch-protocol.ts";
import { sqlStorage } from "../contract/_store.ts";
import { type Life, living } from "./_clock.ts";
import { RowReader } from "./_rows.ts";
import type { Simulation } from "./_simulation.ts";
import { type FakeSocket } from "./_socket.ts";

export interface Instance {
  alarm?(): Promise<void>;
  fetch?(request: unknown): Promise<unknown>;
  webSocketMessage?(socket: unknown, message: string): Promise<void>;
  readonly [method: string]: unknown;
}
export interface Incarnation extends Life {
  readonly instance: Instance;
  /** Ends the calls that are open when it dies. */
  readonly calls: Set<(error: Error) => void>;
  alarming: boolean;
}
/** The platform rings again after a failed alarm so often, waiting 2 s, then twice as long each time. */
const ALARM_RETRIES = 6;
const ALARM_RETRY_MS = 2000;
const WRITES = /^\s*(INSERT|UPDATE|DELETE|CREATE)/;

export class Host {
  readonly family: string;
  readonly name: string;
  readonly #simulation: Simulation;
  readonly #make: (ctx: unknown) => Instance;
  #database = sqlStorage();
  readonly #rows = new RowReader();
  readonly #kv = new Map<string, string>();
  #alarmAt: number | undefined;
  #alarmFailures = 0;
  incarnation: Incarnation | undefined;
  sockets: FakeSocket[] = [];

  constructor(simulation: Simulation, who: { readonly family: string; readonly name: string }, make: (ctx: unknown) => Instance) {
    this.#simulation = simulation;
    this.family = who.family;
    this.name = who.name;
    this.#make = make;
  }
  get label(): string {
    return `${this.family}:${this.name.slice(this.name.indexOf("|") + 1)}`;
  }
  get isIdle(): boolean {
    return this.incarnation !== undefined && this.incarnation.calls.size === 0 && !this.incarnation.alarming;
  }

  /** The running instance; a new one when there is none. */
  wake(): Incarnation {
    if (this.incarnation) return this.incarnation;
    const life: Life = { dead: false };
    const incarnation = Object.assign(life, { calls: new Set<(error: Error) => void>(), alarming: false }) as {
      -readonly [K in keyof Incarnation]: Incarnation[K];
    };
    living.run(life, () => void (incarnation.instance = this.#make(this.#context(life))));
    this.incarnation = incarnation;
    return incarnation;
  }
  /** Memory is lost. Sockets survive a sleep, not a crash. */
  stop(how: "crash" | "sleep"): void {
    const { incarnation } = this;
    if (!incarnation) return;
    this.incarnation = undefined;
    incarnation.dead = true;
    if (how === "crash") for (const socket of this.sockets.splice(0)) socket.drop();
    for (const end of incarnation.calls) end(new Error("the actor crashed"));
    incarnation.calls.clear();
    if (incarnation.alarming) this.#alarmFailed({ counted: false });
    // An alarm that was set while another rang is still to come.
    if (incarnation.alarming && this.#alarmAt !== undefined) this.#setAlarm(this.#alarmAt);
  }

  #alive(life: Life): void {
    if (life.dead) throw new Error("this life is over");
  }
  #wrote(life: Life): void {
    if (!life.dead && this.#simulation.cutsAfterWrite()) queueMicrotask(() => this.incarnation === life && this.#simulation.stop(this, "crash"));
  }

  #context(life: Life): unknown {
    const sql = {
      databaseSize: 0,
      exec: (query: string, ...bindings: unknown[]) => {
        this.#alive(life);
        const rows = [...this.#database.sql.exec(query, ...bindings)];
        const writes = WRITES.test(query);
        if (writes) {
          for (const change of this.#rows.read(query, bindings)) this.#simulation.observe(this, change);
          this.#wrote(life);
        }
        // About what the platform counts: not nothing where there was something.
        return { rowsRead: rows.length, rowsWritten: writes ? 1 : 0, toArray: () => rows };
      },
    };
    const kv = {
      get: (key: string): unknown => {
        this.#alive(life);
        const text = this.#kv.get(key);
        return text === undefined ? undefined : (JSON.parse(text) as unknown);
      },
      put: (key: string, value: unknown): void => {
        this.#alive(life);
        this.#kv.set(key, JSON.stringify(value));
        this.#wrote(life);
      },
      delete: (key: string): boolean => {
        this.#alive(life);
        return this.#kv.delete(key);
      },
    };
    const storage = {
      sql,
      kv,
      transactionSync: <T>(run: () => T): T => (this.#alive(life), this.#database.transactionSync(run)),
      sync: () => Promise.resolve(),
      setAlarm: (at: number): Promise<void> => {
        // A new alarm is none of those that failed.
        this.#alarmFailures = 0;
        if (!life.dead) this.#setAlarm(at);
        return Promise.resolve();
      },
      getAlarm: () => Promise.resolve(this.#alarmAt ?? null),
      deleteAlarm: (): Promise<void> => {
        this.#alarmAt = undefined;
        return Promise.resolve();
      },
      deleteAll: (): Promise<void> => {
        this.#database = sqlStorage();
        this.#kv.clear();
        this.#alarmAt = undefined;
        return Promise.resolve();
      },
    };
    return {
      id: { name: this.name },
      storage,
      waitUntil: (work: Promise<unknown>): void => void work.catch((error: unknown) => this.#simulation.complain(life, this, error)),
      abort: () => this.#simulation.stop(this, "crash"),
      acceptWebSocket: (socket: FakeSocket): void => {
        this.#alive(life);
        this.sockets.push(socket);
        socket.asks = () => this.#simulation.clock.at(this.#simulation.clock.now, () => this.#hear(socket));
      },
      getWebSockets: (): FakeSocket[] => this.sockets.filter(({ open }) => open),
    };
  }

  /** A client says that it wants more; that wakes whoever sleeps. */
  #hear(socket: FakeSocket): void {
    if (!socket.open) return;
    const incarnation = this.wake();
    living.run(incarnation, () =>
      incarnation.instance.webSocketMessage?.(socket, WATCH_ASKS).catch((error: unknown) => this.#simulation.complain(incarnation, this, error)),
    );
  }

  #setAlarm(at: number): void {
    this.#alarmAt = at;
    this.#simulation.clock.at(at + this.#simulation.lateness(), () => this.#ring(at));
  }
  #ring(at: number): void {
    if (this.#alarmAt !== at) return;
    // One at a time: what is due meanwhile rings afterwards.
    if (this.incarnation?.alarming) return;
    this.#alarmAt = undefined;
    const incarnation = this.wake();
    incarnation.alarming = true;
    this.#simulation.log(`alarm ${this.label}`);
    const ended = (error?: unknown): void => {
      if (incarnation.dead) return;
      incarnation.alarming = false;
      if (this.#alarmAt !== undefined && this.#alarmAt <= this.#simulation.clock.now) this.#setAlarm(this.#alarmAt);
      if (error === undefined) this.#alarmFailures = 0;
      else this.#alarmFailed({ counted: true });
    };
    living.run(incarnation, () =>
      incarnation.instance.alarm?.().then(
        () => ended(),
        (error: unknown) => ended(error ?? new Error("failed")),
      ),
    );
  }
  /** An alarm that fails by itself is given up some day; one whose actor crashed is not. */
  #alarmFailed({ counted }: { readonly counted: boolean }): void {
    if (counted && ++this.#alarmFailures > ALARM_RETRIES) {
      this.#alarmFailures = 0;
      this.#simulation.log(`alarm of ${this.label} is given up`);
      return;
    }
    if (this.#alarmAt === undefined) this.#setAlarm(this.#simulation.clock.now + ALARM_RETRY_MS * 2 ** Math.max(0, this.#alarmFailures - 1));
  }
}
