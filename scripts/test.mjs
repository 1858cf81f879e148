// `npm test`: everything, one suite after the other, on a fresh clone. `npm run test:NAME` is one of them; further words go to it.
import { install } from "./pinned-node.mjs";

install();
// Only now: they need what was installed.
const { check, unit, workerd, e2e, crash, conformance } = await import("./suites.mjs");

const [only, ...words] = process.argv.slice(2);
const alone = { check, unit, workerd, e2e, crash, conformance };
const all = {
  check,
  unit: () => unit(["--exclude", "test/architecture/**"]),
  workerd,
  e2e,
  "crash (quick)": () => crash([], { full: false }),
  "conformance (quick)": () => conformance(["--quick"]),
};
if (only !== undefined && !Object.hasOwn(alone, only)) {
  console.error(`no suite ${only}; there are ${Object.keys(alone).join(", ")}`);
  process.exit(2);
}

const lines = [];
const total = { passed: 0, failed: 0 };
for (const [name, run] of Object.entries(only === undefined ? all : { [only]: () => alone[only](words) })) {
  console.log(`\n== ${name}`);
  const begun = Date.now();
  const { passed, failed, skipped } = run();
  total.passed += passed;
  total.failed += failed;
  lines.push(`${name.padEnd(20)} ${skipped ? `skipped: ${skipped}` : `${passed} passed, ${failed} failed`} (${Math.round((Date.now() - begun) / 1000)} s)`);
}
console.log(`\n${lines.join("\n")}\n\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
