// What a request's URL says is what URL says of it, whether it was taken apart by hand or not.
import { expect, test } from "vitest";
import { RequestUrl } from "../../../workers/api/request-url.ts";

const said = ({ pathname, search, searchParams, origin, host }: URL | RequestUrl) => ({ pathname, search, query: [...searchParams], origin, host });
const same = (text: string): void => expect(said(new RequestUrl(text)), text).toEqual(said(new URL(text)));

test.each([
  "/",
  "",
  "?",
  "/?",
  "?watch=1",
  "/api/v1/pods?watch=1&labelSelector=a%3Db,c+d&x=%zz&x=2",
  "//api//v1/",
  "/api/v1/./pods",
  "/api/v1/../pods",
  "/api/v1/pods/..",
  "/api/v1/pods/.",
  "/api/%2e%2E/pods",
  "/api/.%2e/pods",
  "/api/v1/namespaces/a/configmaps/kube-root-ca.crt",
  "/api/v1/namespaces/a/configmaps/...",
  "/%zz/%78/%2f/%00",
  "/a b/ü|{}^`\"<>'",
  "/a?b c'ü<>\"|",
  "/a\\..\\b",
  "/a#fragment",
  "/a?b#fragment",
  "/a?b?c=/d:@",
  "/\t/a\n",
])("%j", (rest) => {
  for (const server of ["http://127.0.0.1:8080", "https://api.example.com", "http://EXAMPLE.com:80", "http://[::1]:8080"]) same(server + rest);
});

test("any mixture of what is special in a URL", () => {
  const pieces = ["/", "/", "a", "1", ".", "..", "%2e", "%2F", "%", "?", "&", "=", "#", "\\", "'", " ", "+", "ü", "|", "~", ":", "@", ";", "\u0000"];
  let seed = 1;
  const next = (): string => pieces[(seed = (seed * 48_271) % 2_147_483_647) % pieces.length] ?? "";
  for (let round = 0; round < 20_000; round++) same(`http://host.test/${Array.from({ length: 1 + (round % 12) }, next).join("")}`);
});

test("whether a token may stand in the path", () => {
  expect(new RequestUrl("http://a/b").isPlainHttp).toBe(true);
  expect(new RequestUrl("https://a/b").isPlainHttp).toBe(false);
});
