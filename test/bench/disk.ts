// How much of the disk a folder takes.
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Blocks, not lengths: what the file system gave. */
const BLOCK_BYTES = 512;

export function diskKilobytes(folder: string): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    try {
      sum += entry.isDirectory() ? diskKilobytes(path) : (lstatSync(path).blocks * BLOCK_BYTES) / 1000;
    } catch {
      // It went meanwhile.
    }
  }
  return sum;
}
