// Watchers that do not read: each is closed when too much waits for it, and neither those beside it nor any write notices.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { WATCH_BUFFER_BYTES_MAX } from "../../shared/base/limits.ts";
import { setting } from "./setting.ts";

const OBJECT_CHARACTERS = 900_000;
/** Besides what the store keeps for it, a watcher that does not read has filled the buffers of both ends of its connection. */
const BUFFERS_BYTES_MAX = 32 * 1024 * 1024;
const ROUNDS_MAX = Math.ceil((WATCH_BUFFER_BYTES_MAX + BUFFERS_BYTES_MAX) / OBJECT_CHARACTERS);
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const SENT = `paperplane_watch_frames_sent_total{family="store",name="/configmaps"}`;

describe.each([
  ["stream", 200],
  ["socket", 60],
] as const)("watchers over a %s that never read", (watchTransport, count) => {
  const here = setting({ nodes: 1, watchTransport });
  const send = async (method: string, path: string, object: unknown): Promise<string> => {
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const response = await here.server.fetch(path, { method, headers: { "content-type": type }, body: JSON.stringify(object) });
    expect(response.status).toBeLessThan(300);
    return ((await response.json()) as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
  };
  /** Frames that the store has sent to watchers so far, when it sends no more for now. */
  const sent = async (): Promise<number> => {
    for (let last = -1; ; await new Promise((again) => setTimeout(again, 50))) {
      const lines = (await (await here.server.fetch("/metrics")).text()).split("\n");
      const frames = Number(lines.find((line) => line.startsWith(SENT))?.split(" ")[1] ?? 0);
      if (frames === last) return frames;
      last = frames;
    }
  };

  /** A connection that reads until the watch has begun, and then no more. */
  async function slowWatcher(from: string): Promise<Socket> {
    const socket = connect(here.server.port, "127.0.0.1");
    socket.on("error", () => {});
    const path = `${CONFIG_MAPS}?watch=1&resourceVersion=${from}`;
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${here.server.token}\r\n\r\n`);
    let text = "";
    while (!text.includes('"ADDED"')) text += String(((await once(socket, "data")) as [Buffer])[0]);
    socket.pause();
    return socket;
  }
  /** Versions that one who reads is told, as they come. */
  async function quickWatcher(from: string): Promise<{ readonly heard: string[]; stop(): Promise<void> }> {
    const response = await here.server.fetch(`${CONFIG_MAPS}?watch=1&resourceVersion=${from}&fieldSelector=metadata.name%3Dlarge`);
    const reader = (response.body ?? new Blob([]).stream()).getReader();
    const heard: string[] = [];
    const read = async (): Promise<void> => {
      const decoder = new TextDecoder();
      let rest = "";
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        const lines = (rest + decoder.decode(piece.value as Uint8Array, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) heard.push((JSON.parse(line) as { object: { metadata: { resourceVersion: string } } }).object.metadata.resourceVersion);
      }
    };
    const done = read();
    done.catch(() => {});
    return { heard, stop: () => reader.cancel().then(() => done) };
  }

  test(`${count} of them are closed, and whoever reads hears everything`, async () => {
    const from = await send("POST", CONFIG_MAPS, { metadata: { name: "before" } });
    const first = await send("POST", CONFIG_MAPS, { metadata: { name: "large" } });
    const slow = await Promise.all(Array.from({ length: count }, () => slowWatcher(from)));
    const quick = await quickWatcher(from);
    const versions = [first];
    const change = async (): Promise<number> => {
      const before = await sent();
      versions.push(await send("PATCH", `${CONFIG_MAPS}/large`, { data: { key: String.fromCharCode(97 + (versions.length % 26)).repeat(OBJECT_CHARACTERS) } }));
      await expect.poll(() => quick.heard.length, { timeout: 20_000 }).toBe(versions.length);
      return (await sent()) - before;
    };
    let told = await change();
    expect(told).toBe(count + 1);
    while (told > 1 && versions.length < ROUNDS_MAX) told = await change();
    // From here on the store speaks to nobody but the one who listens.
    expect([told, await change()]).toEqual([1, 1]);
    expect(versions.length).toBeGreaterThan(WATCH_BUFFER_BYTES_MAX / OBJECT_CHARACTERS);
    expect(quick.heard).toEqual(versions);
    // Whoever begins to read again learns that the watch has ended.
    await Promise.all(slow.map((socket) => (socket.closed ? undefined : (socket.resume(), once(socket, "close")))));
    await quick.stop();
  });
});
