// Hashes and random suffixes in the letters Kubernetes uses for names of Pods and ReplicaSets.
import type { Ports } from "../base/ports.ts";
import { compareText } from "./text.ts";

/** No vowels and nothing that looks like another: no bad words. As upstream: apimachinery pkg/util/rand. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const encoder = new TextEncoder();

/** FNV-1a, 32 bits, over UTF-8. `before`: the hash of a text to which this one is added. */
export function fnv32a(text: string, before = 0x811c9dc5): number {
  let hash = before;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Only ASCII is the same in UTF-8.
    if (code > 0x7f) return fnv32aOfBytes(encoder.encode(text), before);
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  return hash >>> 0;
}
function fnv32aOfBytes(bytes: Uint8Array, before: number): number {
  let hash = before;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Each character becomes one of the alphabet. As upstream: rand.SafeEncodeString. */
export function safeEncode(value: number | string): string {
  let out = "";
  for (const character of String(value)) out += ALPHABET[(character.codePointAt(0) ?? 0) % ALPHABET.length] ?? "";
  return out;
}

/** JSON with sorted keys, without undefined members: equal values have equal texts. */
export function stableJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, member]) => `${JSON.stringify(key)}:${stableJson(member)}`);
  return `{${members.join(",")}}`;
}

/**
 * The pod-template-hash of a template. Upstream (pkg/controller/controller_utils.go ComputeHash) hashes a dump of Go
 * structs; ours hashes JSON: equal templates hash equally, and the form of the answer is the same.
 */
export function podTemplateHash(template: unknown, collisionCount?: number): string {
  return safeEncode(fnv32a(stableJson(template) + (collisionCount === undefined ? "" : `#${collisionCount}`)));
}

/** Five random characters, as generateName appends. */
export function randomSuffix(ports: Pick<Ports, "dice">, length = 5): string {
  let out = "";
  while (out.length < length) out += ALPHABET[ports.dice(ALPHABET.length)] ?? "";
  return out;
}
