// How much of the disk a folder takes, and how much of it its databases say they hold.
import { closeSync, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

/** Blocks, not lengths: what the file system gave. */
const BLOCK_BYTES = 512;

function* filesOf(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesOf(path);
    else yield path;
  }
}

export function diskKilobytes(folder: string): number {
  let sum = 0;
  for (const path of filesOf(folder)) {
    try {
      sum += (lstatSync(path).blocks * BLOCK_BYTES) / 1000;
    } catch {
      // It went meanwhile.
    }
  }
  return sum;
}

const DATABASE = ".sqlite";
/** In a database: where its header says how big a page is. In a write-ahead log: the header, and that of each frame before its page. */
const HEADER = { bytes: 100, pageSize: 16, pages: 28 } as const;
const LOG = { bytes: 32, pageSize: 8, salts: 16 } as const;
const FRAME = { bytes: 24, pages: 4, salts: 8 } as const;
const SALTS_BYTES = 8;

/** The databases of a folder, and the bytes of their pages: those that a deletion left free are among them, logs are not. */
export function databases(folder: string): { readonly count: number; readonly bytes: number } {
  let [count, bytes] = [0, 0];
  for (const path of filesOf(folder)) {
    if (!path.endsWith(DATABASE)) continue;
    count++;
    bytes +=
      logged(`${path}-wal`) ??
      reading(path, (at) => pageSize(at(0, HEADER.bytes).readUInt16BE(HEADER.pageSize)) * at(0, HEADER.bytes).readUInt32BE(HEADER.pages)) ??
      0;
  }
  return { count, bytes };
}
/** 65,536 does not fit into the field. */
const pageSize = (field: number): number => (field === 1 ? 65_536 : field);

/** As of the last commit in the log, which may not be in the database itself yet. Undefined: the log has none. */
function logged(path: string): number | undefined {
  return reading(path, (at) => {
    const header = at(0, LOG.bytes);
    const size = header.readUInt32BE(LOG.pageSize);
    const salts = header.subarray(LOG.salts, LOG.salts + SALTS_BYTES);
    let pages = 0;
    // A log is written over from its beginning: what is left of the time before has other salts.
    for (let place = LOG.bytes; ; place += FRAME.bytes + size) {
      const frame = at(place, FRAME.bytes);
      if (frame.length < FRAME.bytes || !frame.subarray(FRAME.salts, FRAME.salts + SALTS_BYTES).equals(salts)) break;
      pages = frame.readUInt32BE(FRAME.pages) || pages;
    }
    return pages === 0 ? undefined : pages * size;
  });
}

/** Undefined: there is no such file, or it is too short. */
function reading<T>(path: string, read: (at: (place: number, length: number) => Buffer) => T): T | undefined {
  let file: number | undefined;
  try {
    const opened = (file = openSync(path, "r"));
    return read((place, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(opened, bytes, 0, length, place));
    });
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
