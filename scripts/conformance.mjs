// `npm run conformance`: tests of the Kubernetes conformance suite against a fresh server; see test/conformance/run.ts.
import { runPinned } from "./pinned-node.mjs";

runPinned("test/conformance/run.ts", process.argv.slice(2));
