// `kubectl logs -f` and `attach` without looking again and again: who follows is told, and nobody else does any work.
import { describe, expect, test } from "vitest";
import { LOG_BUFFER_BYTES_MAX, LOG_FOLLOWERS_MAX } from "../../../shared/base/limits.ts";
import { HAS_SQLITE } from "../../contract/_store.ts";
import { bench, deleted, listener, NGINX, shell } from "./_log-bench.ts";
import { T0, worldOf } from "./_node.ts";

describe.skipIf(!HAS_SQLITE)("following a log (needs node:sqlite)", () => {
  test("a program's lines come at their time, and in between there is one timer: for the next", async () => {
    const node = bench(shell("echo one; sleep 7; echo two; sleep 3600; echo three; sleep infinity"));
    const heard = await node.follow();
    expect(await heard.text()).toBe("one\n");
    expect([...node.timers].map(({ at }) => at - T0)).toEqual([7000]);
    node.pass(7000);
    expect(await heard.text()).toBe("one\ntwo\n");
    expect([...node.timers].map(({ at }) => at - T0)).toEqual([3_607_000]);
    node.pass(3_600_000);
    expect(await heard.text()).toBe("one\ntwo\nthree\n");
    expect(node.timers.size).toBe(0);
    expect(await heard.isOpen()).toBe(true);
  });

  test("what visitors cause comes in the same moment to everybody, read from nowhere", async () => {
    const node = bench(NGINX);
    const many = await Promise.all([1, 2, 3].map(() => node.follow("follow=true&tailLines=0")));
    const before = node.reads;
    expect(node.timers.size).toBe(0);
    for (const visitor of ["one", "two"]) {
      node.pass(1000);
      node.visit(visitor);
      for (const listening of many) expect(await listening.text()).toMatch(new RegExp(`${visitor}\n$`));
    }
    expect([node.reads, node.timers.size]).toEqual([before, 0]);
  });

  test("a crowd of visitors is told of in pieces, in order, and soon", async () => {
    const node = bench(NGINX);
    const heard = await node.follow("follow=true&tailLines=0");
    for (let i = 0; i < 1000; i++) {
      node.visit(`${i}`);
      if (i % 10 === 9) node.pass(1);
    }
    node.pass(20);
    expect(await heard.text()).toBe(Array.from({ length: 1000 }, (_, i) => `${i}\n`).join(""));
    expect(await heard.pieces()).toBeLessThan(8);
    expect(node.timers.size).toBe(0);
  });

  test("each as it asked: times, one stream alone, not before", async () => {
    const node = bench(shell("echo out; sleep 1; cat /nowhere; sleep infinity"));
    const timed = await node.follow("follow=true&timestamps=true");
    const errors = await node.follow("follow=true&stream=Stderr");
    const later = await node.follow(`follow=true&sinceTime=${new Date(T0 + 2000).toISOString()}`);
    node.pass(1000);
    node.visit("early");
    node.pass(1000);
    node.visit("late");
    expect((await timed.text()).split("\n").map((line) => line.slice(17, 23))).toEqual(["00.000", "01.000", "01.000", "02.000", ""]);
    expect(await errors.text()).toMatch(/^cat: .*nowhere.*\n$/);
    expect(await later.text()).toBe("late\n");
  });

  test("whoever joins later hears every line once, and those before do not miss any", async () => {
    const node = bench(shell("i=0; while true; do echo $i; i=$((i+1)); sleep 1; done"));
    const first = await node.follow();
    node.pass(1500);
    // Due, but its timer has not rung yet.
    for (const timer of node.timers) node.timers.delete(timer);
    node.pass(1000);
    const second = await node.follow();
    expect(await first.text()).toBe("0\n1\n2\n");
    expect(await second.text()).toBe("0\n1\n2\n");
    node.visit("visited");
    node.pass(1000);
    expect(await first.text()).toBe("0\n1\n2\nvisited\n3\n");
    expect(await second.text()).toBe("0\n1\n2\nvisited\n3\n");
  });

  test("a line that is stored late is told late, but told", async () => {
    const node = bench(NGINX);
    const heard = await node.follow("follow=true&tailLines=0");
    node.pass(5000);
    node.visit("now");
    node.visit("from before", node.now - 2000);
    node.pass(20);
    expect(await heard.text()).toBe("now\nfrom before\n");
  });

  test("a line that is stored before its time is told at its time, also to whoever comes in between", async () => {
    const node = bench(NGINX);
    const first = await node.follow("follow=true&tailLines=0");
    node.visit("last word", T0 + 5000);
    const second = await node.follow("follow=true&tailLines=0");
    node.pass(4999);
    expect([await first.text(), await second.text()]).toEqual(["", ""]);
    await first.cancel();
    await second.cancel();
    const third = await node.follow("follow=true&tailLines=0");
    node.pass(1);
    node.pass(100);
    expect(await third.text()).toBe("last word\n");
    expect(node.timers.size).toBe(0);
  });

  test("a program that is too fast to follow line by line is followed in pieces", async () => {
    const node = bench(shell("while true; do echo y; sleep 0.001; done"));
    const heard = await node.follow("follow=true&tailLines=0");
    const { wakes } = node;
    node.pass(1000);
    expect(await heard.text()).toMatch(/^(y\n){900,}$/);
    expect(node.wakes - wakes).toBeLessThan(200);
  });

  test("the end of the container brings its last lines and the end of the stream, and nothing is left", async () => {
    const node = bench({ ...shell("echo begin; sleep 3; echo end"), restartPolicy: "Never" });
    const heard = await node.follow();
    node.pass(3000);
    expect(await heard.text()).toBe("begin\nend\n");
    expect(await heard.isOpen()).toBe(false);
    expect([node.followers.count, node.timers.size]).toEqual([0, 0]);
  });

  test("a container that is started again: the stream of its life before ends, however late the kubelet is", async () => {
    const node = bench(shell("echo begin; sleep 3; echo end; exit 1"));
    const heard = await node.follow();
    node.pass(3000, 500);
    expect(await heard.text()).toBe("begin\nend\n");
    expect(await heard.isOpen()).toBe(false);
    expect([node.followers.count, node.timers.size]).toEqual([0, 0]);
  });

  test("a pod that is deleted: what it says on SIGTERM, then the end; nothing it would have said after that", async () => {
    const node = bench(shell("trap 'echo bye; exit 0' TERM; while true; do sleep 1; echo tick; done"));
    const heard = await node.follow();
    node.pass(1500);
    node.round({ changed: [deleted(node.pod, node.now)] });
    node.pass(3000, 2000);
    expect(await heard.text()).toBe("tick\nbye\n");
    expect(await heard.isOpen()).toBe(false);
  });

  test("a pod that is gone without a word ends the stream", async () => {
    const node = bench(NGINX);
    const heard = await node.follow();
    node.round({ gone: ["uid-p"] });
    expect(await heard.isOpen()).toBe(false);
    expect([node.followers.count, node.timers.size]).toEqual([0, 0]);
  });

  test("who leaves leaves nothing behind", async () => {
    const node = bench(shell("while true; do echo x; sleep 1; done"));
    const [one, two] = [await node.follow(), await node.follow()];
    expect([node.followers.count, node.timers.size]).toEqual([2, 1]);
    await one.cancel();
    expect([node.followers.count, node.timers.size]).toEqual([1, 1]);
    await two.cancel();
    expect([node.followers.count, node.timers.size]).toEqual([0, 0]);
    const { wakes } = node;
    node.visit("nobody hears");
    node.pass(5000);
    node.round({ changed: [node.pod] });
    expect([node.wakes, node.timers.size]).toEqual([wakes, 0]);
  });

  test("a node that falls silent says nothing, and no timer asks for it; when it is back it catches up", async () => {
    const node = bench(shell("i=0; while true; do i=$((i+1)); echo $i; sleep 1; done"));
    const heard = await node.follow();
    node.leave();
    node.pass(1000);
    expect(node.timers.size).toBe(0);
    node.pass(1000);
    expect([await heard.text(), await heard.isOpen()]).toEqual(["1\n", true]);
    node.comeBack();
    expect(await heard.text()).toBe("1\n2\n3\n");
    node.pass(1000);
    expect(await heard.text()).toBe("1\n2\n3\n4\n");
  });

  test("what ended behind the follower's back is noticed when the node is back", async () => {
    const node = bench(NGINX);
    const heard = await node.follow("follow=true&tailLines=0");
    node.leave();
    node.round({ gone: ["uid-p"] });
    expect(await heard.isOpen()).toBe(true);
    node.comeBack();
    expect(await heard.isOpen()).toBe(false);
  });

  test("a file that a command has written changes what comes", async () => {
    const node = bench(shell("while true; do sleep 5; cat /tmp/word 2>/dev/null; done"));
    const heard = await node.follow();
    node.pass(12_000);
    expect([await heard.text(), node.timers.size]).toEqual(["", 0]);
    node.write("/tmp/word", "written\n");
    node.pass(10_000);
    expect(await heard.text()).toBe("written\nwritten\n");
  });

  test("a name that begins to resolve changes what comes", async () => {
    const node = bench(shell("until nslookup db >/dev/null; do sleep 1; done; while true; do sleep 5; echo here; done"));
    const heard = await node.follow();
    expect([await heard.text(), node.timers.size]).toEqual(["", 0]);
    node.changeWorld(worldOf({ services: { db: "10.96.0.9" } }));
    node.pass(20_000);
    expect(await heard.text()).toMatch(/^(here\n)+$/);
  });

  test("a client that does not read is closed after so many bytes, however much it began with", async () => {
    const node = bench(NGINX);
    for (let i = 0; i < 200; i++) node.visit("x".repeat(16_000));
    const { body } = await node.ask();
    const quick = await node.follow("follow=true&tailLines=0");
    let told = 0;
    for (; node.followers.count === 2 && told < 1000; told++) {
      node.pass(1000);
      node.visit("y".repeat(9_999));
    }
    expect((told - 1) * 10_000).toBeGreaterThanOrEqual(LOG_BUFFER_BYTES_MAX);
    expect((told - 2) * 10_000).toBeLessThan(LOG_BUFFER_BYTES_MAX);
    expect(await quick.isOpen()).toBe(true);
    // What it was sent before is whole.
    const late = listener(body as ReadableStream<Uint8Array>);
    expect(await late.text()).toMatch(/y\n$/);
    expect(await late.isOpen()).toBe(false);
  });

  test("limitBytes counts over the whole stream", async () => {
    const node = bench(NGINX);
    const heard = await node.follow("follow=true&tailLines=0&limitBytes=12");
    node.visit("1234567");
    node.pass(1000);
    node.visit("89abc");
    expect([await heard.text(), await heard.isOpen(), node.followers.count]).toEqual(["1234567\n89ab", false, 0]);
    const { wakes } = node;
    node.pass(1000);
    node.visit("more");
    expect(node.wakes).toBe(wakes);
    const none = await node.follow("follow=true&limitBytes=1");
    expect([await none.text(), await none.isOpen(), node.followers.count]).toEqual(["/", false, 0]);
  });

  test("there is a limit: whoever has heard nothing for longest makes room", async () => {
    const node = bench({ containers: [...(NGINX.containers ?? []), { name: "other", image: "nginx:1.27" }] });
    const heard = await node.follow();
    const quiet = await node.follow("follow=true", "other");
    node.visit("for one of them");
    for (let i = 2; i < LOG_FOLLOWERS_MAX; i++) await node.ask();
    expect([await heard.isOpen(), await quiet.isOpen(), node.followers.count]).toEqual([true, true, LOG_FOLLOWERS_MAX]);
    await node.ask();
    expect([await heard.isOpen(), await quiet.isOpen(), node.followers.count]).toEqual([true, false, LOG_FOLLOWERS_MAX]);
  });
});
