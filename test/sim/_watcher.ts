// A client that lists, watches and keeps a copy, as client-go's reflector does; it holds the server to every word.
import type { WatchRequest } from "../../durable-objects/store/watch-opening.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { ResourceId } from "../../shared/reconcile/controller.ts";
import type { System } from "./_system.ts";
import { type FakeResponse, type FakeSocket, pause } from "./_socket.ts";

const RETRY_MS = 400;
const keyOf = ({ metadata }: KubeObject): string => `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;

export class Watcher {
  readonly copy = new Map<string, KubeObject>();
  readonly #system: System;
  readonly #resource: ResourceId;
  readonly #selection: { readonly labelSelector?: string; readonly namespace?: string };
  #version = 0;
  events = 0;
  #socket: FakeSocket | undefined;

  constructor(system: System, resource: ResourceId, selection: { readonly labelSelector?: string; readonly namespace?: string } = {}) {
    this.#system = system;
    this.#resource = resource;
    this.#selection = selection;
  }
  get label(): string {
    return `watch of ${this.#resource} ${JSON.stringify(this.#selection)}`;
  }

  async follow(): Promise<void> {
    for (;;) {
      try {
        if (this.#version === 0) await this.#list();
        await this.#watch();
      } catch {
        // Asked again.
      }
      await pause(RETRY_MS);
    }
  }
  /** The connection breaks. */
  cut(): void {
    this.#socket?.drop();
  }

  async #list(): Promise<void> {
    const answer = await this.#system.stores.list(this.#system.kind(this.#resource), this.#selection);
    if (!answer.ok || !("text" in answer)) throw new Error("no list");
    this.copy.clear();
    for (const object of JSON.parse(`[${answer.text}]`) as KubeObject[]) this.copy.set(keyOf(object), object);
    this.#version = Number((JSON.parse(answer.head) as { resourceVersion: string }).resourceVersion);
  }

  async #watch(): Promise<void> {
    const { group, version } = this.#system.kind(this.#resource);
    const watch: WatchRequest = {
      group,
      version,
      ...this.#selection,
      as: "object",
      includeObject: "Metadata",
      metaVersion: "v1",
      resourceVersion: String(this.#version),
      allowWatchBookmarks: true,
    };
    const headers = new Headers({ "x-watch": JSON.stringify({ watch, cluster: this.#system.cluster, timeoutMs: 600_000 }), upgrade: "websocket" });
    const response = (await this.#system.stores.watch(this.#resource, headers)) as unknown as FakeResponse;
    const socket = response.webSocket;
    if (!socket) throw new Error(`watch: ${response.status}`);
    this.#socket = socket;
    await new Promise<void>((closed) =>
      socket.listen({
        message: (text) => {
          for (const line of text.split("\n"))
            if (line !== "" && this.#socket === socket) this.#take(JSON.parse(line) as { type: string; object: KubeObject & { code?: number } }, socket);
        },
        closed,
      }),
    );
  }

  #take({ type, object }: { readonly type: string; readonly object: KubeObject & { code?: number } }, socket: FakeSocket): void {
    if (type === "ERROR") {
      if (object.code === 410) this.#version = 0;
      else this.#system.simulation.fail(`[Y2] ${this.label}: ${JSON.stringify(object)}`);
      socket.drop();
      return;
    }
    this.events++;
    const version = Number(object.metadata?.resourceVersion);
    const wrong = (what: string): void =>
      this.#system.simulation.fail(`[Y2] ${this.label}: ${type} ${keyOf(object)} at ${version} after ${this.#version}: ${what}`);
    if (type === "BOOKMARK" ? version < this.#version : version <= this.#version) wrong("out of order");
    this.#version = version;
    if (type === "BOOKMARK") return;
    const known = this.copy.has(keyOf(object));
    if (known !== (type !== "ADDED")) wrong(known ? "known already" : "was never added");
    if (type === "DELETED") this.copy.delete(keyOf(object));
    else this.copy.set(keyOf(object), object);
  }

  /** Where the copy differs from what is stored. */
  difference(): string[] {
    const { labelSelector, namespace } = this.#selection;
    const [label, value] = labelSelector?.split("=") ?? [];
    const stored = this.#system.list(this.#resource, namespace).filter(({ metadata }) => label === undefined || metadata?.labels?.[label] === value);
    const versions = new Map(stored.map((object) => [keyOf(object), object.metadata?.resourceVersion]));
    const missing = [...versions]
      .filter(([key, version]) => this.copy.get(key)?.metadata?.resourceVersion !== version)
      .map(([key]) => `${this.label} has not seen the last of ${key}`);
    return [...missing, ...[...this.copy.keys()].filter((key) => !versions.has(key)).map((key) => `${this.label} still has ${key}`)];
  }
}
