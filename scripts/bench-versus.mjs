// `npm run bench:versus`: Paperplane beside a real control plane; see test/bench/versus.ts.
import { runPinned } from "./pinned-node.mjs";

runPinned("test/bench/versus.ts", process.argv.slice(2));
