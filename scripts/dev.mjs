// `npm run dev`: the Worker under `wrangler dev`, with hot reload; see scripts/launcher/dev.ts.
import { runPinned } from "./pinned-node.mjs";

runPinned("scripts/launcher/dev.ts", process.argv.slice(2));
