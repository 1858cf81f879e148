// `npm start`: a Paperplane on this machine; see scripts/launcher/serve.ts.
import { runPinned } from "./pinned-node.mjs";

runPinned("scripts/launcher/serve.ts", process.argv.slice(2));
