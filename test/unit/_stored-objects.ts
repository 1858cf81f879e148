// In every test that runs a store: a stored object is what its text says when it is saved, whenever it is loaded, and still after the
// commit that loaded it. Whoever changes one instead of making another fails the test.
import { StoreEngine } from "../../durable-objects/store/engine.ts";

/** A member that is undefined is one more than the text has. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  if (Array.isArray(a) !== Array.isArray(b) || keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}
function check(when: string, object: unknown, text: string): void {
  if (!same(object, JSON.parse(text))) throw new Error(`${when} a stored object is ${JSON.stringify(object)}, its text ${text}`);
}

const { save, load, commit } = StoreEngine.prototype;
/** What the commit that runs has loaded. */
let loaded: { readonly object: unknown; readonly text: string }[] | undefined;

StoreEngine.prototype.save = function (object, ...rest) {
  const text = save.call(this, object, ...rest);
  const { kind: _kind, apiVersion: _apiVersion, ...stored } = object;
  check("saved,", stored, text);
  return text;
};
StoreEngine.prototype.load = function (at) {
  const found = load.call(this, at);
  if (!found) return undefined;
  check("loaded,", found.object, found.text);
  loaded?.push(found);
  return found;
};
StoreEngine.prototype.commit = function (requests) {
  loaded = [];
  try {
    const committed = commit.call(this, requests);
    for (const { object, text } of loaded) check("after a commit", object, text);
    return committed;
  } finally {
    loaded = undefined;
  }
};
