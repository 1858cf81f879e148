// Which bodies the slow reader has to look at because of a number: no false alarm of what almost every body has in it, and none missed.
import { expect, test } from "vitest";
import { mayHaveOddNumbers } from "../../../shared/schema/json-text.ts";

test.each(['{"a":1.5}', '{"a" : -1e3}', '{"a":\n1234567890123456}', '{"a":[1,2.5]}', '[{"a\\"":0.1}]', "[1E3]"])("%s has one", (text) =>
  expect(mayHaveOddNumbers(text)).toBe(true),
);
test.each([
  '{"image":"nginx:1.25"}',
  '{"image":"localhost:5000/a:2.0-e3"}',
  '{"port":8080,"a":[1,2,-3]}',
  '{"at":"2026-01-02T03:04:05.678Z"}',
  '{"a":123456789012345}',
])("%s has none", (text) => expect(mayHaveOddNumbers(text)).toBe(false));
