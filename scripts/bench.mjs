// `npm run bench -- LOAD`: one load on the API server of any kubeconfig; see test/bench/main.ts.
import { runPinned } from "./pinned-node.mjs";

runPinned("test/bench/main.ts", process.argv.slice(2));
