// Of every object that ever stored something workerd keeps a database, also when the object has deleted all of it, as those of a
// deleted cluster do. On disk that is one page; where clusters come and go it would add up.
import { closeSync, existsSync, openSync, readdirSync, readSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** A database is at least one page, and a page at most this long (https://www.sqlite.org/fileformat.html, 1.3.2). */
const PAGE_BYTES_MAX = 65_536;
const HEADER = Buffer.from("SQLite format 3\0");
/** Behind the file's header comes that of the first page: its type, and how many tables it names. */
const LEAF_OF_TABLE = 13;
const TYPE_AT = 100;
const CELLS_AT = 103;
const READ_BYTES = 108;

const logOf = (path: string): string => `${path}-wal`;

/** Whether a database is a single page that names no table. One with something in its log may be more than its file says. */
function isEmptyDatabase(path: string): boolean {
  if (statSync(path).size > PAGE_BYTES_MAX || (statSync(logOf(path), { throwIfNoEntry: false })?.size ?? 0) > 0) return false;
  const start = Buffer.alloc(READ_BYTES);
  const file = openSync(path, "r");
  try {
    if (readSync(file, start, 0, READ_BYTES, 0) < READ_BYTES) return false;
  } finally {
    closeSync(file);
  }
  return start.subarray(0, HEADER.length).equals(HEADER) && start[TYPE_AT] === LEAF_OF_TABLE && start.readUInt16BE(CELLS_AT) === 0;
}

/** Where the databases of objects are, in a folder for each class. */
export const databasesIn = (data: string): string => join(data, "state", "do");

/** Removes databases that hold nothing. Only while no server uses the folder. Returns how many there were. */
export function removeEmptyDatabases(data: string): number {
  const root = databasesIn(data);
  if (!existsSync(root)) return 0;
  const databases = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".sqlite"))
    .map((entry) => join(entry.parentPath, entry.name));
  const empty = databases.filter(isEmptyDatabase);
  for (const path of empty) for (const file of [path, logOf(path), `${path}-shm`]) rmSync(file, { force: true });
  return empty.length;
}
