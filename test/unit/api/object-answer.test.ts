// An object is asked for by a URL: whatever its name, the store reads what the API worker wrote.
import { expect, test } from "vitest";
import { objectAnswer, objectUrl, objectWanted } from "../../../durable-objects/client/object-answer.ts";

const cluster = { uid: "u/1", name: "ü?#", nodes: 3, timing: "instant" as const, birth: { at: 1, seed: "a b" } };
const version = { group: "apps", version: "v1" };

test.each(["a", "kube-root-ca.crt", "system:node", ".", "..", "a/b", "a?b", "a#b", "a'b\"<>", "%zz", "%2f", "ü€\u{1F600}", " ", "\u0000", "../../watch"])(
  "the name %j",
  (name) => {
    const key = { namespace: name, name };
    // As the platform hands it to the store.
    const { href, pathname } = new URL(objectUrl({ cluster, version, key }));
    const wanted = objectWanted(href);
    expect(wanted).toMatchObject({ version, key });
    expect(wanted?.cluster()).toEqual(cluster);
    expect(pathname).toBe("/object");
  },
);

test("no other URL asks for an object", () => {
  for (const url of ["https://store/watch", "http://store/object?/v1/a/b/", "https://store/objects?/v1/a/b/"]) expect(objectWanted(url)).toBeUndefined();
});

test("the answer is the text with the headers of all JSON, or 404 without a body", async () => {
  const found = objectAnswer('{"a":1}');
  expect([found.status, found.headers.get("content-type"), found.headers.get("cache-control")]).toEqual([200, "application/json", "no-cache, private"]);
  expect(await found.text()).toBe('{"a":1}');
  // What is added to one answer is not said with the next.
  found.headers.append("warning", "299");
  expect(objectAnswer("{}").headers.has("warning")).toBe(false);
  expect([objectAnswer(undefined).status, objectAnswer(undefined).body]).toEqual([404, null]);
});
