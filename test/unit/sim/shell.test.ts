// The simulated shell: what scripts print, when, and how they end. Answers are those of a POSIX shell (busybox, dash).
import { describe, expect, test } from "vitest";
import type { ContainerView, Program } from "../../../shared/sim/image.ts";
import { shellProgram } from "../../../shared/sim/shell/program.ts";

const T = Date.UTC(2026, 10, 21, 12, 0, 0);
const FILES = new Map([["/etc/config/key", "value\n"]]);
const view = (script: string, more: Partial<ContainerView> = {}): ContainerView => ({
  argv: ["sh", "-c", script],
  env: { GREETING: "hello", PATH: "/bin" },
  workingDir: "/",
  hostname: "p",
  startedAt: T,
  containerID: "c",
  podName: "p",
  namespace: "default",
  nodeName: "n",
  podIP: "10.244.1.2",
  image: "busybox",
  ports: [],
  stdin: false,
  defaultTerm: "exit",
  files: () => FILES,
  resolve: (name) => (name === "db" ? "10.96.0.9" : undefined),
  ...more,
});
const start = (script: string, more?: Partial<ContainerView>): Program => shellProgram(view(script, more), { foreign: () => undefined, ports: [] });
const out = (program: Program, seconds = 1e6): string[] => program.logs(T, T + seconds * 1000, Infinity).map((line) => line.text);

const CASES: readonly (readonly [script: string, lines: readonly string[], code: number, seconds?: number])[] = [
  ["echo hi", ["hi"], 0],
  ["echo -n a; echo b", ["ab"], 0],
  ["exit 7", [], 7],
  ["false", [], 1],
  ["false || echo no; true && echo yes", ["no", "yes"], 0],
  ["sleep 5; echo late; sleep 2.5", ["late"], 0, 7.5],
  ["x=3; y=$((x * 2 + 1)); echo $y ${x}a ${#GREETING} ${none:-dflt}", ["7 3a 5 dflt"], 0],
  ["for i in 1 2 3; do printf '%s-' $i; done; echo", ["1-2-3-"], 0],
  ["for i in $(seq 2 4); do echo $i; done", ["2", "3", "4"], 0],
  ["for i in {1..3}; do echo $i; done", ["1", "2", "3"], 0],
  ["for ((i=0;i<3;i++)); do echo $i; done", ["0", "1", "2"], 0],
  ["i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i = 2 ] && continue; echo $i; done", ["1", "3"], 0],
  ["i=0; while true; do i=$((i+1)); if [ $i -gt 2 ]; then break; fi; sleep 1; done; echo $i", ["3"], 0, 2],
  ["until false; do echo x; exit 4; done", ["x"], 4],
  ["case nginx-1 in nginx*) echo web;; *) echo other;; esac", ["web"], 0],
  ['f() { echo "got $1"; return 3; }; f a; echo $?', ["got a", "3"], 0],
  ["set -e; false; echo never", [], 1],
  ["cat /etc/config/key; cat /nope", ["value", "cat: can't open '/nope': No such file or directory"], 1],
  ["echo one > /tmp/a; echo two >> /tmp/a; wc -l < /tmp/a; rm /tmp/a; test -f /tmp/a || echo gone", ["2", "gone"], 0],
  ["printf 'b\\na\\n' | sort | head -n 1", ["a"], 0],
  ["echo err >&2; echo out 2>&1", ["err", "out"], 0],
  ["nonsense", ["sh: nonsense: not found"], 127],
  ["cat <<EOF\nDear $GREETING\nEOF", ["Dear hello"], 0],
  ["echo 'single $x' \"double $GREETING\" \\$esc", ["single $x double hello $esc"], 0],
  ["(cd /etc; pwd); pwd", ["/etc", "/"], 0],
  ["date +%s; sleep 60; date -u +%H:%M", ["1795262400", "12:01"], 0, 60],
  ["sleep 10 & sleep 3; wait; echo done", ["done"], 0, 10],
  ["nslookup db > /dev/null && echo found; nslookup web > /dev/null || echo missing", ["found", "missing"], 0],
  ["v=a.tar.gz; echo ${v%.gz} ${v%%.*} ${v#*.} ${v##*.}", ["a.tar a tar.gz gz"], 0],
  ["echo $(echo nested $(echo deep)) `echo old`", ["nested deep old"], 0],
  ['a=1; test "$a" = 1 && ! false && echo both', ["both"], 0],
  ["if", ['sh: syntax error: unexpected end of file (expecting "then")'], 2],
];

describe("scripts that end", () => {
  test.each(CASES.map(([script, lines, code, seconds = 0]) => ({ script, lines, code, seconds })))("$script", ({ script, lines, code, seconds }) => {
    const program = start(script);
    expect(out(program)).toEqual(lines);
    expect(program.exit?.code).toBe(code);
    expect(((program.exit?.at ?? 0) - T) / 1000).toBe(seconds);
  });
});

describe("scripts that go on", () => {
  test.each([
    "while true; do echo x; sleep 1; done",
    "sleep infinity",
    "tail -f /dev/null",
    "while :; do sleep 10; done",
    "trap 'exit 0' TERM; while true; do sleep 1; done",
    "until nslookup web; do sleep 2; done",
  ])("%s", (script) => {
    expect(start(script).exit).toBeUndefined();
  });
  test("a counter is the same whether it is followed or looked at after a month", () => {
    const program = start('i=0; while true; do echo "$i: $(date +%s)"; i=$((i+1)); sleep 2; done');
    expect(out(program, 5)).toEqual([0, 1, 2].map((i) => `${i}: ${T / 1000 + 2 * i}`));
    const month = 30 * 86_400;
    const late = program.logs(T + month * 1000, T + month * 1000 + 3000, Infinity);
    expect(late.map((line) => line.text)).toEqual([0, 1].map((i) => `${month / 2 + i}: ${T / 1000 + month + 2 * i}`));
    expect(program.nextLog(T + 500)).toBe(T + 2000);
  });
  test.each<readonly [script: string, fromS: number, nextS: number | undefined]>([
    ["echo now; sleep 5; echo late", 0, 0],
    ["echo now; sleep 5; echo late", 0.001, 5],
    ["echo now; sleep 5; echo late", 5.001, undefined],
    ["sleep 90000; echo 'once a day'", 0, 90_000],
    ["while true; do sleep 86400; echo daily; done", 86_400 * 400 + 1, 86_400 * 401],
    ["while true; do sleep 10; done", 3600, undefined],
    ["i=0; while [ $i -lt 3 ]; do sleep 10; i=$((i+1)); done; echo after", 1, 30],
    ["(sleep 7; echo behind) & sleep 9; echo before; wait", 0, 7],
    ["(sleep 7; echo behind) & sleep 2; echo before; wait", 0, 2],
    ["while true; do echo caught > /tmp/file; sleep 1; done", 0, undefined],
    ["until nslookup nowhere > /dev/null; do sleep 2; done; echo found", 0, undefined],
    ["sleep 4; printf rest", 0, 4],
  ])("%s: the next line from second %s on", (script, fromS, nextS) => {
    expect(start(script).nextLog(T + fromS * 1000)).toBe(nextS === undefined ? undefined : T + nextS * 1000);
  });
  test("a loop without a pause is busy, not stuck", () => {
    const program = start("while true; do echo y; done");
    expect(program.exit).toBeUndefined();
    expect(out(program, 2).length).toBeGreaterThan(1000);
  });
  test("SIGTERM runs the trap; without one it ends or is ignored as the container says", () => {
    expect(start("trap 'echo bye; exit 5' TERM; sleep 100").term(T + 1000)).toMatchObject({ at: T + 1000, code: 5, lines: [{ text: "bye" }] });
    expect(start("sleep 100").term(T + 1000)).toMatchObject({ code: 143 });
    expect(start("trap '' TERM; sleep 100").term(T + 1000)).toBeUndefined();
    expect(start("sleep 100", { defaultTerm: "ignore" }).term(T + 1000)).toBeUndefined();
  });
  test("a command beside the program sees its files of that moment", () => {
    const program = start("touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600");
    expect(program.exec(["cat", "/tmp/healthy"], T + 29_000).code).toBe(0);
    expect(program.exec(["cat", "/tmp/healthy"], T + 31_000).code).toBe(1);
    expect(program.quietAfter).toBe(T + 30_000);
  });
  test("the termination message is what was written to its file", () => {
    expect(start("echo why > /dev/termination-log; exit 1").exit?.terminationMessage).toBe("why\n");
  });
});

describe("scripts that mean no good", () => {
  test.each([
    "x=aaaaaaaaaa; while true; do x=$x$x; done",
    "f() { f; }; f",
    "while true; do seq 1 100000; done",
    "while true; do printf x; done",
    "x=$(while true; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done); echo $x",
    "i=0; while true; do i=$((i+1)); echo $i > /tmp/$i; done",
    "x=$(seq 1 100000); while true; do echo ${x%a*b}; done",
    "echo $((((((((((((((((((((((((1))))))))))))))))))))))))",
    "x=a; for i in {1..10000}; do for j in {1..10000}; do x=$x.; done; done",
    `${"( ".repeat(5000)}true`,
    `${"if true; then ".repeat(3000)}`,
    'eval "$(cat /etc/config/key)" "$(eval echo)"; e() { eval e; }; e',
  ])("%s comes back with little memory", (script) => {
    const program = start(script);
    const lines = program.logs(T, T + 60_000, Infinity);
    expect(lines.reduce((sum, line) => sum + line.text.length, 0)).toBeLessThan(6 * 1024 * 1024);
    const bytes = [...program.files(T + 60_000).values()].reduce((sum, text) => sum + text.length, 0);
    expect(bytes).toBeLessThan(64 * 1024 * 1024);
  });
});
