// The life of a Deployment in the hands of kubectl.
import { expect, test } from "vitest";
import { eventually, manifest } from "../support/kubectl.ts";
import { NGINX, setting, table, withKubectl } from "./setting.ts";

interface List {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly uid: string; readonly ownerReferences?: readonly unknown[] };
    readonly spec: { readonly replicas?: number };
  }[];
}
const NAME = "deployment/nginx-deployment";

withKubectl("a deployment", () => {
  const here = setting();
  const done = () => here.kubectl.ok(`rollout status ${NAME} --timeout=30s`);
  const images = () => here.kubectl.ok("get pods -l app=nginx --field-selector=status.phase=Running -o jsonpath={.items[*].spec.containers[0].image}");

  test("apply brings two pods; get in its forms", async () => {
    const { kubectl } = here;
    expect(await kubectl.ok(["apply", "-f", manifest(NGINX)])).toBe("deployment.apps/nginx-deployment created\n");
    expect(await done()).toContain('deployment "nginx-deployment" successfully rolled out');
    const [head, row] = table(await kubectl.ok("get deployment nginx-deployment -o wide"));
    expect(head).toEqual(["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"]);
    expect([row?.slice(0, 4), row?.slice(5)]).toEqual([
      ["nginx-deployment", "2/2", "2", "2"],
      ["nginx", "nginx:1.14.2", "app=nginx"],
    ]);
    expect(await kubectl.ok("get deploy nginx-deployment -o jsonpath={.spec.replicas}/{.metadata.labels.app}")).toBe("2/nginx");
    expect(await kubectl.ok("get deploy nginx-deployment -o yaml")).toMatch(/^apiVersion: apps\/v1\nkind: Deployment\n/);
    expect(await kubectl.ok("get deploy -o name")).toBe("deployment.apps/nginx-deployment\n");
    const described = await kubectl.ok(`describe ${NAME}`);
    for (const part of [
      /Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable/,
      /RollingUpdateStrategy: +25% max unavailable, 25% max surge/,
      /Image: +nginx:1\.14\.2/,
      /NewReplicaSet: +nginx-deployment-\w+ \(2\/2 replicas created\)/,
      /Scaled up replica set nginx-deployment-\w+ from 0 to 2/,
    ]) {
      expect(described).toMatch(part);
    }
    expect(table(await kubectl.ok("get pods -l app=nginx --no-headers")).map((cells) => cells.slice(1, 3))).toEqual([
      ["1/1", "Running"],
      ["1/1", "Running"],
    ]);
    expect(await kubectl.ok(["apply", "-f", manifest(NGINX)])).toBe("deployment.apps/nginx-deployment unchanged\n");
  });

  test("scale to five", async () => {
    const { kubectl } = here;
    expect(await kubectl.ok(`scale ${NAME} --replicas=5`)).toBe("deployment.apps/nginx-deployment scaled\n");
    await done();
    expect(table(await kubectl.ok("get deployment nginx-deployment"))[1]?.slice(1, 4)).toEqual(["5/5", "5", "5"]);
    expect(await kubectl.fails(`scale ${NAME} --current-replicas=2 --replicas=3`)).toContain("Expected replicas to be 2, was 5");
  });

  test("a new image rolls out over a second replica set", async () => {
    const { kubectl } = here;
    expect(await kubectl.ok(`set image ${NAME} nginx=nginx:1.16.1`)).toBe("deployment.apps/nginx-deployment image updated\n");
    await done();
    expect(await eventually(images, (text) => !text.includes("1.14.2"))).toBe(Array.from({ length: 5 }, () => "nginx:1.16.1").join(" "));
    expect((await kubectl.json<List>("get rs -l app=nginx")).items.map(({ spec }) => spec.replicas).sort()).toEqual([0, 5]);
  });

  test("a bad image stalls with the old pods serving; undo brings the good one back", async () => {
    const { kubectl } = here;
    await kubectl.ok(`set image ${NAME} nginx=nginx:does-not-exist`);
    const stalled = await kubectl.run(`rollout status ${NAME} --timeout=4s`);
    expect([stalled.code, stalled.stderr.trim()]).toEqual([1, "error: timed out waiting for the condition"]);
    const state = table(
      await eventually(
        () => kubectl.ok("get deployment nginx-deployment"),
        (text) => /4\/5 +3 +4/.test(text),
      ),
    )[1];
    expect(state?.slice(1, 4)).toEqual(["4/5", "3", "4"]);
    expect(await kubectl.ok("get pods -l app=nginx")).toMatch(/ErrImagePull|ImagePullBackOff/);
    const history = await kubectl.ok(`rollout history ${NAME}`);
    expect(
      history
        .trim()
        .split("\n")
        .slice(2)
        .map((line) => line.split(/ +/)[0]),
    ).toEqual(["1", "2", "3"]);
    expect(await kubectl.ok(`rollout history ${NAME} --revision=3`)).toContain("nginx:does-not-exist");
    expect(await kubectl.ok(`rollout undo ${NAME}`)).toContain("deployment.apps/nginx-deployment rolled back");
    await done();
    expect(await eventually(images, (text) => !text.includes("does-not"))).toBe(Array.from({ length: 5 }, () => "nginx:1.16.1").join(" "));
    expect(
      (await kubectl.ok(`rollout history ${NAME}`))
        .trim()
        .split("\n")
        .slice(2)
        .map((line) => line.split(/ +/)[0]),
    ).toEqual(["1", "3", "4"]);
    await kubectl.ok(`rollout undo ${NAME} --to-revision=1`);
    await done();
    expect(await eventually(images, (text) => !text.includes("1.16.1"))).toBe(Array.from({ length: 5 }, () => "nginx:1.14.2").join(" "));
  });

  test("paused it changes nothing, resumed it does, restarted it makes new pods", async () => {
    const { kubectl } = here;
    const revisions = async () => (await kubectl.json<List>("get rs -l app=nginx")).items.length;
    const before = await revisions();
    expect(await kubectl.ok(`rollout pause ${NAME}`)).toBe("deployment.apps/nginx-deployment paused\n");
    await kubectl.ok(`set image ${NAME} nginx=nginx:1.25`);
    expect(await revisions()).toBe(before);
    expect(await kubectl.ok(`rollout resume ${NAME}`)).toBe("deployment.apps/nginx-deployment resumed\n");
    await done();
    expect(await revisions()).toBe(before + 1);
    const uids = async () => (await kubectl.json<List>("get pods -l app=nginx")).items.map(({ metadata }) => metadata.uid);
    const old = await uids();
    expect(await kubectl.ok(`rollout restart ${NAME}`)).toBe("deployment.apps/nginx-deployment restarted\n");
    await done();
    expect(await eventually(uids, (now) => now.length === 5 && now.every((uid) => !old.includes(uid)))).toHaveLength(5);
  });

  test("apply after changes by others takes its own fields back and leaves the rest", async () => {
    const { kubectl } = here;
    await kubectl.ok(["apply", "-f", manifest(NGINX.replace("replicas: 2", "replicas: 3").replace("1.14.2", "1.16.1"))]);
    await done();
    expect(await kubectl.ok("get deploy nginx-deployment -o jsonpath={.spec.replicas}/{.spec.template.spec.containers[0].image}")).toBe("3/nginx:1.16.1");
  });

  test("delete in the background, in the foreground, and leaving orphans", async () => {
    const { kubectl } = here;
    const left = async () => (await kubectl.json<List>("get rs,pods -l app=nginx")).items.length;
    expect(await kubectl.ok(`delete ${NAME}`)).toContain('deployment.apps "nginx-deployment" deleted');
    expect(await eventually(left, (count) => count === 0)).toBe(0);

    await kubectl.ok(["apply", "-f", manifest(NGINX)]);
    await done();
    await kubectl.ok(`delete ${NAME} --cascade=foreground`);
    expect((await kubectl.json<List>("get rs -l app=nginx")).items).toEqual([]);
    expect(await eventually(left, (count) => count === 0)).toBe(0);

    await kubectl.ok(["apply", "-f", manifest(NGINX)]);
    await done();
    await kubectl.ok(`delete ${NAME} --cascade=orphan`);
    const sets = await eventually(
      () => kubectl.json<List>("get rs -l app=nginx"),
      ({ items }) => items.every(({ metadata }) => !metadata.ownerReferences),
    );
    expect(sets.items).toHaveLength(1);
    expect((await kubectl.json<List>("get pods -l app=nginx")).items).toHaveLength(2);
    await kubectl.ok("delete rs -l app=nginx");
    expect(await eventually(left, (count) => count === 0)).toBe(0);
  });
});
