// The commands of kubectl, one after the other, as people use them.
import { expect, test } from "vitest";
import { eventually, manifest } from "../support/kubectl.ts";
import { NGINX, setting, table, withKubectl } from "./setting.ts";

interface ConfigMap {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}

withKubectl("kubectl", () => {
  const here = setting();
  const data = (name: string) => here.kubectl.json<ConfigMap>(`get configmap ${name}`).then((map) => map.data);

  test("cluster facts: version, api-resources, api-versions, cluster-info, nodes", async () => {
    const { kubectl } = here;
    expect(await kubectl.ok("version")).toMatch(/^Server Version: v1\.36\.\d+$/m);
    const resources = await kubectl.ok("api-resources --no-headers");
    for (const row of [
      /^pods +po +v1 +true +Pod$/m,
      /^deployments +deploy +apps\/v1 +true +Deployment$/m,
      /^clusters +.*paperplane\.dev\/v1 +false +Cluster$/m,
    ])
      expect(resources).toMatch(row);
    expect(await kubectl.ok("api-resources --api-group=batch -o name")).toBe("cronjobs.batch\njobs.batch\n");
    expect((await kubectl.ok("api-versions")).split("\n")).toEqual(expect.arrayContaining(["v1", "apps/v1", "networking.k8s.io/v1"]));
    expect(await kubectl.ok("cluster-info")).toContain("Kubernetes control plane");
    expect(table(await kubectl.ok("get nodes --no-headers")).map((cells) => cells.slice(0, 2))).toEqual([1, 2, 3].map((index) => [`node-${index}`, "Ready"]));
    expect(await kubectl.ok("auth can-i create deployments")).toBe("yes\n");
  });

  test("create of each common sort, and get of it", async () => {
    const { kubectl } = here;
    const made: readonly (readonly [string, string])[] = [
      ["create configmap made --from-literal=a=1 --from-literal=b=2", "configmap/made created"],
      ["create secret generic made --from-literal=password=s3cret", "secret/made created"],
      ["create serviceaccount made", "serviceaccount/made created"],
      ["create deployment made --image=nginx:1.27 --replicas=1", "deployment.apps/made created"],
      ["create service clusterip made --tcp=80:80", "service/made created"],
      ["create job made --image=busybox:1.36 -- true", "job.batch/made created"],
      ["create cronjob made --image=busybox:1.36 --schedule='*/5 * * * *' -- true", "cronjob.batch/made created"],
      ["create role made --verb=get --resource=pods", "role.rbac.authorization.k8s.io/made created"],
      ["create rolebinding made --role=made --serviceaccount=default:made", "rolebinding.rbac.authorization.k8s.io/made created"],
      ["create quota made --hard=pods=100", "resourcequota/made created"],
      ["create poddisruptionbudget made --selector=app=made --min-available=1", "poddisruptionbudget.policy/made created"],
      ["create ingress made --rule=made.example/*=made:80", "ingress.networking.k8s.io/made created"],
      ["create priorityclass made --value=10", "priorityclass.scheduling.k8s.io/made created"],
    ];
    for (const [words, answer] of made) expect((await kubectl.ok(words)).trim()).toBe(answer);
    expect(await kubectl.ok("get secret made -o jsonpath={.data.password}")).toBe(Buffer.from("s3cret").toString("base64"));
    expect(await kubectl.fails("create configmap made")).toBe('error: failed to create configmap: configmaps "made" already exists');
    expect(await kubectl.ok("create configmap dry --dry-run=server -o name")).toBe("configmap/dry\n");
    expect(await kubectl.fails("get configmap dry")).toContain("NotFound");
    await kubectl.ok("delete deployment,service,job,cronjob,role,rolebinding,quota,pdb,ingress,priorityclass made");
  });

  test("apply: created, unchanged, configured; fields that leave the file leave the object", async () => {
    const { kubectl } = here;
    const file = (lines: string) => manifest(`apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: applied\ndata:\n${lines}`);
    expect(await kubectl.ok(["apply", "-f", file("  a: '1'\n  b: '2'\n")])).toBe("configmap/applied created\n");
    expect(await kubectl.ok(["apply", "-f", file("  a: '1'\n  b: '2'\n")])).toBe("configmap/applied unchanged\n");
    await kubectl.ok(["patch", "configmap", "applied", "-p", '{"data":{"other":"kept"}}']);
    const diff = await kubectl.run(["diff", "-f", file("  a: '9'\n")]);
    expect([diff.code, diff.stdout]).toEqual([1, expect.stringMatching(/^-  a: "1"\n(?:.*\n)*?\+  a: "9"$/m)]);
    expect(await kubectl.ok(["apply", "-f", file("  a: '9'\n")])).toBe("configmap/applied configured\n");
    expect(await data("applied")).toEqual({ a: "9", other: "kept" });
    expect((await kubectl.run(["diff", "-f", file("  a: '9'\n")])).code).toBe(0);
  });

  test("server-side apply: owners, conflicts, force", async () => {
    const { kubectl } = here;
    const file = (value: string) => manifest(`apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: owned\ndata:\n  key: ${value}\n`);
    expect(await kubectl.ok(["apply", "--server-side", "--field-manager=one", "-f", file("first")])).toBe("configmap/owned serverside-applied\n");
    const refused = await kubectl.fails(["apply", "--server-side", "--field-manager=two", "-f", file("second")]);
    expect(refused).toContain('Apply failed with 1 conflict: conflict with "one": .data.key');
    await kubectl.ok(["apply", "--server-side", "--field-manager=two", "--force-conflicts", "-f", file("second")]);
    expect(await data("owned")).toEqual({ key: "second" });
    expect(await kubectl.ok("get configmap owned --show-managed-fields -o jsonpath={.metadata.managedFields[*].manager}")).toBe("two");
  });

  test("patch in three types, replace, edit", async () => {
    const { kubectl } = here;
    await kubectl.ok("create configmap patched --from-literal=a=1");
    await kubectl.ok(["patch", "configmap", "patched", "--type=strategic", "-p", '{"data":{"b":"2"}}']);
    await kubectl.ok(["patch", "configmap", "patched", "--type=merge", "-p", '{"data":{"a":null,"c":"3"}}']);
    await kubectl.ok([
      "patch",
      "configmap",
      "patched",
      "--type=json",
      "-p",
      '[{"op":"test","path":"/data/b","value":"2"},{"op":"add","path":"/data/d","value":"4"}]',
    ]);
    expect(await data("patched")).toEqual({ b: "2", c: "3", d: "4" });
    const file = manifest(await kubectl.ok("create configmap patched --from-literal=only=this --dry-run=client -o yaml"));
    expect(await kubectl.ok(["replace", "-f", file])).toBe("configmap/patched replaced\n");
    expect(await data("patched")).toEqual({ only: "this" });
    expect(await kubectl.ok("edit configmap patched", { env: { KUBE_EDITOR: "sed -i s/this/that/" } })).toBe("configmap/patched edited\n");
    expect(await data("patched")).toEqual({ only: "that" });
    await kubectl.ok(["create", "-f", manifest(NGINX)]);
    await kubectl.ok(["patch", "deployment", "nginx-deployment", "-p", '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"redis:7"}]}}}}']);
    expect(await kubectl.ok("get deploy nginx-deployment -o jsonpath={.spec.template.spec.containers[*].name}")).toBe("side nginx");
    await kubectl.ok("delete deployment nginx-deployment");
  });

  test("label, annotate, selectors", async () => {
    const { kubectl } = here;
    for (const name of ["blue", "red"]) await kubectl.ok(`create configmap ${name}`);
    expect(await kubectl.ok("label configmap blue color=blue tier=one")).toBe("configmap/blue labeled\n");
    await kubectl.ok("label configmap red color=red");
    expect(await kubectl.fails("label configmap blue color=green")).toContain("already has a value (blue), and --overwrite is false");
    await kubectl.ok("label configmap blue color=navy --overwrite");
    expect(await kubectl.ok(["get", "configmap", "-l", "color in (navy,red),!absent", "-o", "name"])).toBe("configmap/blue\nconfigmap/red\n");
    expect(await kubectl.ok("get configmap -l color,tier=one -o name")).toBe("configmap/blue\n");
    await kubectl.ok("label configmap blue tier-");
    expect(await kubectl.ok("annotate configmap blue note='two words'")).toBe("configmap/blue annotated\n");
    const { metadata } = await kubectl.json<ConfigMap>("get configmap blue");
    expect([metadata.labels, metadata.annotations]).toEqual([{ color: "navy" }, { note: "two words" }]);
    expect(await kubectl.ok("get configmap --field-selector=metadata.name=red -o name")).toBe("configmap/red\n");
    expect(table(await kubectl.ok("get configmap -L color -l color=red"))[0]).toEqual(["NAME", "DATA", "AGE", "COLOR"]);
  });

  test("get: columns of one's own, sorting, chunks, all namespaces, raw", async () => {
    const { kubectl } = here;
    for (let index = 0; index < 7; index++) await kubectl.ok(`create configmap many-${index} --from-literal=size=${7 - index}`);
    const custom = await kubectl.ok("get configmap --sort-by=.data.size -o custom-columns=NAME:.metadata.name,SIZE:.data.size");
    expect(
      table(custom)
        .filter(([name]) => name?.startsWith("many-"))
        .map(([, size]) => size),
    ).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    const whole = await kubectl.ok("get configmap -A -o name --chunk-size=0");
    expect(await kubectl.ok("get configmap -A -o name --chunk-size=2")).toBe(whole);
    expect(table(await kubectl.ok("get configmap -A"))[0]).toEqual(["NAMESPACE", "NAME", "DATA", "AGE"]);
    expect(JSON.parse(await kubectl.ok("get --raw /api/v1/namespaces/default/configmaps/many-0"))).toMatchObject({ kind: "ConfigMap", data: { size: "7" } });
    expect(await kubectl.fails("get configmap nothing")).toBe('Error from server (NotFound): configmaps "nothing" not found');
    expect(await kubectl.ok("get pods -n empty")).toBe("");
  });

  test("watch: -w begins with what is there, --watch-only does not", async () => {
    const { kubectl } = here;
    await kubectl.ok("create configmap watched");
    const both = kubectl.start("get configmap watched -w -o name");
    const only = kubectl.start("get configmap --watch-only --output-watch-events --no-headers");
    try {
      await both.untilOutput(/watched/);
      await eventually(
        async () => {
          await kubectl.ok(`annotate configmap watched --overwrite at=${Date.now()}`);
          return only.stdout();
        },
        (text) => text.includes("watched"),
      );
      expect((await both.untilOutput(/(configmap\/watched\n){2}/)).split("\n")[0]).toBe("configmap/watched");
      expect(only.stdout()).toMatch(/^MODIFIED +watched/);
      await kubectl.ok("delete configmap watched");
      await only.untilOutput(/DELETED +watched/);
    } finally {
      both.stop();
      only.stop();
    }
  });

  test("wait: for conditions, for values, for the end, and not for ever", async () => {
    const { kubectl } = here;
    await kubectl.ok("create deployment waited --image=nginx:1.27");
    expect(await kubectl.ok("wait --for=condition=Available deployment/waited --timeout=20s")).toBe("deployment.apps/waited condition met\n");
    expect(await kubectl.ok("wait --for=jsonpath={.status.readyReplicas}=1 deployment/waited --timeout=20s")).toBe("deployment.apps/waited condition met\n");
    expect(await kubectl.fails("wait --for=condition=Impossible deployment/waited --timeout=1s")).toContain("timed out waiting for the condition");
    const end = kubectl.ok("wait --for=delete deployment/waited --timeout=20s");
    await kubectl.ok("delete deployment waited --wait=false");
    await end;
    expect(await kubectl.fails("get deployment waited")).toContain("NotFound");
  });

  test("explain knows built-in kinds and their fields", async () => {
    const { kubectl } = here;
    expect(await kubectl.ok("explain deployment")).toMatch(/^GROUP: +apps\nKIND: +Deployment\nVERSION: +v1\n/);
    expect(await kubectl.ok("explain pod.spec.containers.image")).toMatch(/FIELD: image <string>/);
    expect(await kubectl.ok("explain service.spec --recursive")).toMatch(/^ {2}externalTrafficPolicy\t<string>$/m);
    expect(await kubectl.fails("explain pod.spec.nothing")).toContain('field "nothing" does not exist');
  });

  test("expose, set, autoscale and events of a deployment; delete all", async () => {
    const { kubectl } = here;
    await kubectl.ok("create deployment shown --image=nginx:1.27 --port=80");
    expect(await kubectl.ok("expose deployment shown --port=80 --type=NodePort")).toBe("service/shown exposed\n");
    expect(await kubectl.ok("set env deployment/shown COLOR=blue")).toBe("deployment.apps/shown env updated\n");
    expect(await kubectl.ok("set resources deployment/shown --limits=cpu=200m,memory=64Mi")).toBe("deployment.apps/shown resource requirements updated\n");
    expect(await kubectl.ok("get deploy shown -o jsonpath={.spec.template.spec.containers[0].env[0].value}")).toBe("blue");
    await kubectl.ok("rollout status deployment/shown --timeout=20s");
    expect(await kubectl.ok("events --for deployment/shown")).toContain("ScalingReplicaSet");
    await kubectl.ok("delete all --all");
    expect(
      await eventually(
        () => kubectl.ok("get deploy,rs,pods,svc -o name"),
        (text) => !text.includes("shown"),
      ),
    ).not.toContain("shown");
  });
});
