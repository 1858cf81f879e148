// FNV-1a against its authors' own test vectors (draft-eastlake-fnv, appendix C), and over UTF-8.
import { expect, test } from "vitest";
import { fnv32a } from "../../../shared/meta/hash.ts";

test.each([
  ["", 0x811c9dc5],
  ["a", 0xe40c292c],
  ["foobar", 0xbf9cf968],
])("of %j", (text, expected) => expect(fnv32a(text)).toBe(expected));

const bytewise = (text: string): number =>
  new TextEncoder().encode(text).reduce((hash, byte) => fnv32a(String.fromCharCode(byte & 0x7f), hash ^ (byte & 0x80)), 0x811c9dc5);
test.each(["é", "abc é", "日本", "a🙂b"])("of %j it is that of its bytes in UTF-8", (text) => expect(fnv32a(text)).toBe(bytewise(text)));

test.each([
  ["foo", "bar"],
  ["é", "a"],
  ["a", "é"],
])("of %j, then %j it is that of both", (one, other) => expect(fnv32a(other, fnv32a(one))).toBe(fnv32a(one + other)));
