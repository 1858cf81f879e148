// `npm run bench:growth`: how cost grows with pods, nodes, watchers and clusters; see test/bench/growth.ts.
import { runPinned } from "./pinned-node.mjs";

runPinned("test/bench/growth.ts", process.argv.slice(2));
