// `npm run bench:cost`: rows, requests and dollars per pod; see test/bench/cost.ts.
import { runPinned } from "./pinned-node.mjs";

runPinned("test/bench/cost.ts", process.argv.slice(2));
