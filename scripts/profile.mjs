// `npm run profile -- LOAD ...`: a CPU profile of the Worker under a load; see test/bench/profile.ts.
import { runPinned } from "./pinned-node.mjs";

runPinned("test/bench/profile.ts", process.argv.slice(2));
