// Uids that are derived rather than drawn: the same words give the same uid, other words another.
import type { Uid } from "../base/ports.ts";
import { sha256 } from "../base/sha256.ts";

const DIGITS = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/;

/** In the form of a name-based UUID (RFC 9562, version 8: the hash is SHA-256). No word may contain a line break. */
export function derivedUid(...words: readonly string[]): Uid {
  const hex = Array.from(sha256(words.join("\n")), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(DIGITS, "$1-$2-8$3-8$4-$5").slice(0, 36);
}
