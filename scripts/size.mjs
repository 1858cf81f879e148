// `npm run size`: what the Worker weighs; see scripts/launcher/bundle-size.ts.
import { runPinned } from "./pinned-node.mjs";

runPinned("scripts/launcher/bundle-size.ts", process.argv.slice(2));
