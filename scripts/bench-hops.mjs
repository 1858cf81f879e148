// `npm run bench:hops`: where the time of one pod and of one watch event goes; see test/bench/hops.ts.
import { runPinned } from "./pinned-node.mjs";

runPinned("test/bench/hops.ts", process.argv.slice(2));
