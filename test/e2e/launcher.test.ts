// What `npm start` promises: what it prints, what it refuses, how it stops, and that state outlives any end.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort, launch, startServer } from "../support/server.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const create = (name: string) => ({ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ metadata: { name } }) });
const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

test("the last two lines say where it is; Ctrl-C ends it in good order and state survives", async () => {
  const server = await startServer({ nodes: 2 });
  expect(server.output.trimEnd().split("\n").slice(-2)).toEqual([`Paperplane is ready: ${server.url}`, `export KUBECONFIG=${server.kubeconfig}`]);
  expect(statSync(server.kubeconfig).mode & 0o777).toBe(0o600);
  const born = async (): Promise<unknown[]> => Promise.all(["nodes", "namespaces"].map(async (path) => (await server.fetch(`/api/v1/${path}`)).json()));
  const before = await born();
  expect(before).toMatchObject([{ items: [{}, {}] }, { items: [{}, {}, {}, {}] }]);
  expect((await server.fetch(CONFIG_MAPS, create("kept"))).status).toBe(201);
  const kubeconfig = readFileSync(server.kubeconfig, "utf8");
  const { code, output } = await server.kill("SIGINT");
  expect([code, output]).toEqual([0, expect.not.stringContaining("rror")]);
  expect(existsSync(join(server.data, "lock"))).toBe(false);
  expect(await answers(server.url)).toBe(false);
  await server.restart();
  expect((await server.fetch(`${CONFIG_MAPS}/kept`)).status).toBe(200);
  expect(await born()).toEqual(before);
  expect(readFileSync(server.kubeconfig, "utf8")).toBe(kubeconfig);
  await server.stop();
});

test("a killed server leaves nothing running; the next start takes its folder over and has all it acknowledged", async () => {
  const server = await startServer();
  for (let index = 0; index < 20; index++) expect((await server.fetch(CONFIG_MAPS, create(`kept-${index}`))).status).toBe(201);
  await server.crash();
  expect(existsSync(join(server.data, "lock"))).toBe(true);
  await expect.poll(() => answers(server.url), { timeout: 5000 }).toBe(false);
  await server.restart();
  const { items } = (await (await server.fetch(CONFIG_MAPS)).json()) as { items: { metadata: { name: string } }[] };
  expect(items.filter(({ metadata }) => metadata.name.startsWith("kept-"))).toHaveLength(20);
  await server.stop();
});

test("what the stores of a deleted cluster leave on the disk is gone with the next start", async () => {
  const server = await startServer();
  const clusters = "/apis/paperplane.dev/v1/clusters";
  const use = async (name: string): Promise<void> => {
    expect((await server.fetch(clusters, create(name))).status).toBe(201);
    expect((await server.fetch(`/clusters/${name}${CONFIG_MAPS}`, create("kept"))).status).toBe(201);
  };
  const databases = (): string[] => readdirSync(join(server.data, "state", "do", "paperplane-ResourceStore")).filter((name) => name.endsWith(".sqlite"));
  await use("kept");
  const before = databases();
  await use("deleted");
  expect(databases().length).toBeGreaterThan(before.length);
  expect((await server.fetch(`${clusters}/deleted`, { method: "DELETE" })).status).toBe(200);
  await expect.poll(async () => (await server.fetch(`${clusters}/deleted`)).status, { timeout: 5000 }).toBe(404);
  await server.kill("SIGTERM");
  await server.restart();
  expect(databases()).toEqual(before);
  expect((await server.fetch(`/clusters/kept${CONFIG_MAPS}/kept`)).status).toBe(200);
  await server.stop();
});

test("the actors of the first workloads find their databases prepared", async () => {
  const nodes = ["node-1", "node-2", "node-3"];
  const server = await startServer({ nodes: nodes.length });
  const CLASSES = ["ResourceStore", "Controller", "Scheduler", "Node"];
  const files = (): string[] =>
    CLASSES.flatMap((name) => readdirSync(folderOf(name)).flatMap((file) => (/^[0-9a-f]{64}/.test(file) ? [`${name}/${file}`] : [])));
  const folderOf = (name: string): string => join(server.data, "state", "do", `paperplane-${name}`);
  const prepared = files();
  const pods = "/api/v1/namespaces/first/pods";
  const post = async (path: string, object: object): Promise<void> =>
    expect((await server.fetch(path, { ...create(""), body: JSON.stringify(object) })).status).toBe(201);
  await post("/api/v1/namespaces", { metadata: { name: "first" } });
  for (const nodeName of nodes) await post(pods, { metadata: { name: nodeName }, spec: { nodeName, containers: [{ name: "c", image: "nginx" }] } });
  const template = { metadata: { labels: { app: "d" } }, spec: { containers: [{ name: "c", image: "nginx" }] } };
  await post("/apis/apps/v1/namespaces/first/deployments", { metadata: { name: "d" }, spec: { selector: { matchLabels: { app: "d" } }, template } });
  const running = async (): Promise<number> =>
    ((await (await server.fetch(`${pods}?fieldSelector=status.phase=Running`)).json()) as { items: unknown[] }).items.length;
  await expect.poll(running, { timeout: 10_000 }).toBe(4);
  // Whoever did not find his would have made himself another one.
  expect(prepared.filter((file) => file.startsWith("Node/"))).toHaveLength(3 * nodes.length);
  expect(files()).toEqual(prepared);
  await server.kill("SIGINT");
  await server.restart();
  expect(await running()).toBe(4);
  await server.stop();
});

test("a folder in use and a port in use are refused in a sentence", async () => {
  const server = await startServer();
  const folder = await launch(["--port", String(await freePort()), "--data", server.data]).ended;
  expect([folder.code, folder.output]).toEqual([
    1,
    expect.stringMatching(/^Paperplane: the data folder .* is in use by the Paperplane at http:\/\/127\.0\.0\.1:\d+ \(process \d+\)/),
  ]);
  await server.stop();

  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as { port: number };
  const data = mkdtempSync(join(tmpdir(), "paperplane-test-"));
  const busy = await launch(["--port", String(port), "--data", data]).ended;
  expect([busy.code, busy.output]).toEqual([1, `Paperplane: port ${port} is in use; choose another with --port N\n`]);
  expect(existsSync(join(data, "lock"))).toBe(false);
  holder.close();
  rmSync(data, { recursive: true });
});

test.each([
  [["--port", "http"], "--port takes a whole number from 1 to 65535, not http"],
  [["--port"], "--port takes a whole number from 1 to 65535, not nothing"],
  [["--nodes=-1"], "--nodes takes a whole number from 0 to 5000, not -1"],
  [["--timing", "slow"], "--timing is one of instant, realistic, not slow"],
  [["--prot", "1"], "unknown argument --prot"],
])("arguments %j are refused", async (words, complaint) => {
  const { code, output } = await launch(words).ended;
  expect([code, output.split("\n")[0]]).toEqual([1, `Paperplane: ${complaint}`]);
});

test("nobody comes in without the token, and the server keeps only its hash", async () => {
  const server = await startServer();
  expect((await fetch(`${server.url}/api/v1/pods`)).status).toBe(403);
  expect((await fetch(`${server.url}/api/v1/pods`, { headers: { authorization: "Bearer wrong" } })).status).toBe(401);
  expect((await fetch(`${server.url}/access/wrong/api/v1/pods`)).status).toBe(401);
  expect((await fetch(`${server.url}/access/${server.token}/api/v1/pods`)).status).toBe(200);
  expect(readFileSync(join(server.data, "admin-token.sha256"), "utf8")).not.toContain(server.token);
  await server.stop();
});

test("what would be deployed is whole: bindings, assets, and within the budget of its size", () => {
  const run = (file: string, words: readonly string[]) =>
    spawnSync(process.execPath, [join(ROOT, "scripts", file), ...words], { encoding: "utf8", env: { ...process.env, WRANGLER_SEND_METRICS: "false" } });
  const out = mkdtempSync(join(tmpdir(), "paperplane-deploy-"));
  const deploy = run("deploy.mjs", ["--dry-run", "--outdir", out]);
  expect([deploy.status, deploy.stdout]).toEqual([0, expect.stringContaining("--dry-run: exiting now.")]);
  for (const binding of ["STORE", "CONTROLLER", "SCHEDULER", "NODE", "CLUSTER", "ASSETS"]) expect(deploy.stdout).toContain(`env.${binding} `);
  expect(run("size.mjs", [])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Worker bundle: \d+ KiB minified, \d+ KiB gzip/) });
  rmSync(out, { recursive: true });
});

test("npm run dev serves the same API under wrangler", async () => {
  const data = mkdtempSync(join(tmpdir(), "paperplane-test-"));
  const port = await freePort();
  const dev = launch(["--port", String(port), "--data", data], "dev.mjs");
  await expect.poll(() => answers(`http://127.0.0.1:${port}/readyz`), { timeout: 60_000, interval: 200 }).toBe(true);
  const token = /token: (\S+)/.exec(readFileSync(join(data, "kubeconfig"), "utf8"))?.[1];
  const url = `http://127.0.0.1:${port}/access/${token}`;
  expect((await fetch(`${url}${CONFIG_MAPS}`, create("developed"))).status).toBe(201);
  expect((await fetch(`${url}/openapi/v3/api/v1`)).status).toBe(200);
  dev.child.kill("SIGINT");
  expect((await dev.ended).code).toBe(0);
  expect(await answers(`http://127.0.0.1:${port}/readyz`)).toBe(false);
  rmSync(data, { recursive: true, force: true, maxRetries: 5 });
});
