// `npm run size`: what the Worker weighs, against its budget.
import { gzipSync } from "node:zlib";
import { bundleWorker } from "./bundle.ts";

const GZIP_BYTES_MAX = 1.5 * 1024 * 1024;
const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;

const text = await bundleWorker(`${import.meta.dirname}/../..`);
const gzip = gzipSync(text, { level: 9 }).length;
process.stdout.write(`Worker bundle: ${kilobytes(Buffer.byteLength(text))} minified, ${kilobytes(gzip)} gzip (budget ${kilobytes(GZIP_BYTES_MAX)})\n`);
if (gzip > GZIP_BYTES_MAX) {
  process.stderr.write("Paperplane: the bundle is over its budget\n");
  process.exitCode = 1;
}
