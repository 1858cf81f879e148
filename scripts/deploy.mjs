// `npm run deploy`: the Worker goes to Cloudflare, as wrangler.toml says. Arguments are wrangler's own, e.g. `-- --dry-run`.
import { runPinned } from "./pinned-node.mjs";

runPinned("node_modules/wrangler/bin/wrangler.js", ["deploy", ...process.argv.slice(2)]);
