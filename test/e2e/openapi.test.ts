// The documents behind `kubectl explain`: served whole, cached by hash, and not to strangers.
import { expect, test } from "vitest";
import { setting } from "./setting.ts";

interface Index {
  readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>>;
}
const here = setting();
const index = async (): Promise<Index> => (await here.server.fetch("/openapi/v3")).json() as Promise<Index>;

test("the index names a document for every group version, and each is there", async () => {
  const { paths } = await index();
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(["api/v1", "apis/apps/v1", "apis/batch/v1", "apis/networking.k8s.io/v1"]));
  for (const [path, { serverRelativeURL }] of Object.entries(paths)) {
    const answer = await here.server.fetch(serverRelativeURL);
    const document = (await answer.json()) as { openapi: string; paths: object };
    expect([path, answer.status, document.openapi]).toEqual([path, 200, "3.0.0"]);
  }
});

test("with the right hash a document may be kept; with a wrong one the right one is named", async () => {
  const url = (await index()).paths["apis/apps/v1"]?.serverRelativeURL ?? "";
  const right = await here.server.fetch(url);
  expect([right.headers.get("cache-control"), right.headers.get("etag")]).toEqual(["public, immutable", `"${url.split("hash=")[1]}"`]);
  const wrong = await here.server.fetch(url.replace(/hash=.*/, "hash=0123"), { redirect: "manual" });
  expect([wrong.status, wrong.headers.get("location")]).toEqual([301, url]);
  expect((await here.server.fetch("/openapi/v3/apis/apps/v1")).headers.get("cache-control")).toBeNull();
});

test("what has not changed is not sent again", async () => {
  for (const path of ["/openapi/v2", "/openapi/v3", "/openapi/v3/api/v1"]) {
    const etag = (await here.server.fetch(path)).headers.get("etag") ?? "";
    expect(etag).toMatch(/^"\w+"$/);
    expect((await here.server.fetch(path, { headers: { "if-none-match": etag } })).status).toBe(304);
  }
});

test("version 2 is one document, as JSON and as protobuf; version 3 is JSON only", async () => {
  const document = (await (await here.server.fetch("/openapi/v2")).json()) as { swagger: string; definitions: object };
  expect([document.swagger, Object.keys(document.definitions).includes("io.k8s.api.core.v1.Pod")]).toEqual(["2.0", true]);
  const protobuf = (version: number) => ({ headers: { accept: `application/com.github.proto-openapi.spec.v${version}@v1.0+protobuf` } });
  const bytes = new Uint8Array(await (await here.server.fetch("/openapi/v2", protobuf(2))).arrayBuffer());
  // Field 1, the version of the format, as a text of three letters.
  expect(Array.from(bytes.slice(0, 5))).toEqual([0x0a, 3, ...new TextEncoder().encode("2.0")]);
  expect((await here.server.fetch("/openapi/v2", { headers: { accept: "application/xml" } })).status).toBe(406);
  expect((await here.server.fetch("/openapi/v3/api/v1", protobuf(3))).status).toBe(406);
});

test("a document that is not there, and a client that may not read", async () => {
  expect((await here.server.fetch("/openapi/v3/apis/nothing/v1")).status).toBe(404);
  expect((await fetch(`${here.server.url}/openapi/v3`)).status).toBe(403);
  expect((await fetch(`${here.server.url}/openapi/v3/index.json`)).status).toBe(403);
});
