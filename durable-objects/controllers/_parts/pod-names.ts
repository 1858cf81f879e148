// Names for objects that a plan creates: as random to the eye as generateName's, yet computed, so that plans stay pure.
import { fnv32a } from "../../../shared/meta/hash.ts";

/** As upstream: apiserver pkg/storage/names/generate.go; 63 less the suffix. */
const BASE_MAX = 58;
const LETTERS = "bcdfghjklmnpqrstvwxz2456789";
const SPACE = LETTERS.length ** 5;

function suffix(seed: string): string {
  let rest = fnv32a(seed) % SPACE;
  let out = "";
  while (out.length < 5) {
    out += LETTERS[rest % LETTERS.length] ?? "";
    rest = Math.floor(rest / LETTERS.length);
  }
  return out;
}

/**
 * `count` names that start with `base` and are not in `taken`. `seed` holds everything that tells this round from any other:
 * the owner's uid and resourceVersion and the time.
 */
export function generatedNames(base: string, count: number, seed: string, taken: ReadonlySet<string>): string[] {
  const prefix = base.slice(0, BASE_MAX);
  const names = new Set<string>();
  for (let ordinal = 0; names.size < count; ordinal++) {
    const name = prefix + suffix(`${seed}#${ordinal}`);
    if (!taken.has(name)) names.add(name);
  }
  return [...names];
}
