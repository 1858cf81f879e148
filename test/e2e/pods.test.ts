// A pod behind a node port, what runs in it, and what kubectl says of it.
import { once } from "node:events";
import { expect, test } from "vitest";
import { eventually, manifest } from "../support/kubectl.ts";
import { setting, table, withKubectl } from "./setting.ts";

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: fib-client-pod
  labels:
    component: web
spec:
  containers:
    - name: client
      image: rgederin/fib-client-standalone-k8s
      ports:
        - containerPort: 3000
`;
const SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: fib-client-node-port
spec:
  type: NodePort
  ports:
    - port: 3050
      targetPort: 3000
      nodePort: 31515
  selector:
    component: web
`;
const PROBED = `apiVersion: v1
kind: Pod
metadata:
  name: probed
spec:
  containers:
    - name: probed
      image: busybox:1.36
      command: [sleep, infinity]
      readinessProbe:
        exec: { command: [cat, /tmp/ready, /etc/probed/key] }
        periodSeconds: 1
      volumeMounts:
        - { name: mounted, mountPath: /etc/probed }
  volumes:
    - name: mounted
      configMap: { name: probed }
`;
const page = async (): Promise<number> => {
  try {
    const answer = await fetch("http://localhost:31515/");
    await answer.text();
    return answer.status;
  } catch {
    return 0;
  }
};

withKubectl("pods", () => {
  const here = setting();

  test("a pod behind a NodePort answers on the real port, and again after the pod was made anew", async () => {
    const { kubectl } = here;
    const pod = manifest(POD, "client-pod.yaml");
    expect(await kubectl.ok(["apply", "-f", pod])).toBe("pod/fib-client-pod created\n");
    expect(await kubectl.ok(["apply", "-f", manifest(SERVICE)])).toBe("service/fib-client-node-port created\n");
    expect(await kubectl.ok("wait --for=condition=Ready pod/fib-client-pod --timeout=20s")).toBe("pod/fib-client-pod condition met\n");
    const [head, row] = table(await kubectl.ok("get pods"));
    expect(head).toEqual(["NAME", "READY", "STATUS", "RESTARTS", "AGE"]);
    expect(row?.slice(0, 4)).toEqual(["fib-client-pod", "1/1", "Running", "0"]);
    const service = table(await kubectl.ok("get service fib-client-node-port"))[1];
    expect([service?.[1], service?.[3], service?.[4]]).toEqual(["NodePort", "<none>", "3050:31515/TCP"]);
    expect(await eventually(page, (status) => status === 200)).toBe(200);

    expect(await kubectl.ok(["delete", "-f", pod])).toContain('pod "fib-client-pod" deleted');
    expect(await kubectl.fails("get pod fib-client-pod")).toContain('pods "fib-client-pod" not found');
    await eventually(page, (status) => status !== 200);
    await kubectl.ok(["apply", "-f", pod]);
    await kubectl.ok("wait --for=condition=Ready pod/fib-client-pod --timeout=20s");
    expect(await eventually(page, (status) => status === 200)).toBe(200);
    const described = await kubectl.ok("describe pod fib-client-pod");
    for (const part of [
      /^Node: +node-\d\/\S+/m,
      /^Labels: +component=web/m,
      /^Status: +Running/m,
      /^IP: +\d+\.\d+\.\d+\.\d+/m,
      /Port: +3000\/TCP/,
      /Scheduled/,
      /Started/,
    ])
      expect(described).toMatch(part);
    await kubectl.ok("delete pod/fib-client-pod service/fib-client-node-port");
    expect(await eventually(page, (status) => status === 0)).toBe(0);
  });

  test("run, exec with input and exit codes, files that stay, logs", async () => {
    const { kubectl } = here;
    expect(await kubectl.ok("run shell --image=busybox:1.36 --restart=Never -- sh -c 'echo hello; echo to stderr >&2; sleep 3600'")).toBe(
      "pod/shell created\n",
    );
    await kubectl.ok("wait --for=condition=Ready pod/shell --timeout=20s");
    expect(
      await eventually(
        () => kubectl.ok("logs shell"),
        (text) => text.includes("stderr"),
      ),
    ).toBe("hello\nto stderr\n");
    expect(await kubectl.ok("logs shell --tail=1")).toBe("to stderr\n");
    expect(await kubectl.ok("exec shell -- echo one two")).toBe("one two\n");
    expect(await kubectl.ok("exec -i shell -- cat", { input: "through\n" })).toBe("through\n");
    expect(await kubectl.ok(["exec", "shell", "--", "sh", "-c", "echo kept > /tmp/file; cat /tmp/file"])).toBe("kept\n");
    expect(await kubectl.ok("exec shell -- cat /tmp/file")).toBe("kept\n");
    const failed = await kubectl.run(["exec", "shell", "--", "sh", "-c", "exit 7"]);
    expect([failed.code, failed.stderr]).toEqual([7, "command terminated with exit code 7\n"]);
    expect(await kubectl.ok("exec shell -- hostname")).toBe("shell\n");
  });

  test("logs -f goes on until the container ends", async () => {
    const { kubectl } = here;
    await kubectl.ok(["run", "talker", "--image=busybox:1.36", "--restart=Never", "--", "sh", "-c", "for i in 1 2 3; do echo line $i; sleep 1; done"]);
    await kubectl.ok("wait --for=condition=Ready pod/talker --timeout=20s");
    expect(await kubectl.ok("logs -f talker")).toBe("line 1\nline 2\nline 3\n");
    await kubectl.ok("wait --for=jsonpath={.status.phase}=Succeeded pod/talker --timeout=20s");
    expect(table(await kubectl.ok("get pod talker"))[1]?.slice(1, 3)).toEqual(["0/1", "Completed"]);
  });

  test("logs -f and attach hear of a visit at once, and end with the pod", async () => {
    const { kubectl, server } = here;
    await kubectl.ok("run visited --image=nginx:1.27");
    await kubectl.ok("wait --for=condition=Ready pod/visited --timeout=20s");
    const logs = kubectl.start("logs -f visited --tail=1");
    const attached = kubectl.start("attach visited");
    const visit = (path: string) => server.fetch(`/api/v1/namespaces/default/pods/visited/proxy/${path}`).then((answer) => answer.text());
    await logs.untilOutput(/start worker process 29/);
    await eventually(
      async () => (await visit("first"), attached.stdout()),
      (text) => text.includes("GET /first"),
    );
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const begun = performance.now();
      await visit(`visit-${i}`);
      await logs.untilOutput(new RegExp(`GET /visit-${i} `));
      waits.push(performance.now() - begun);
    }
    // The median: a busy machine may be late now and then.
    expect(waits.sort((a, b) => a - b)[4]).toBeLessThan(120);
    await attached.untilOutput(/GET \/visit-8 /);
    const ends = [logs, attached].map(({ child }) => once(child, "exit"));
    await kubectl.ok("delete pod visited");
    expect(await Promise.all(ends)).toEqual([
      [0, null],
      [0, null],
    ]);
    expect(logs.stdout()).toMatch(/signal 15 \(SIGTERM\) received, exiting\n(.*\n)*.*exit\n$/);
  });

  test("a file that a command leaves behind is there for probes, and so is what is mounted", async () => {
    const { kubectl } = here;
    await kubectl.ok("create configmap probed --from-literal=key=value");
    await kubectl.ok(["apply", "-f", manifest(PROBED)]);
    expect(
      await eventually(
        () => kubectl.ok("get pod probed --no-headers"),
        (text) => text.includes("Running"),
      ),
    ).toContain("0/1");
    await kubectl.ok("exec probed -- touch /tmp/ready");
    expect(await kubectl.ok("wait --for=condition=Ready pod/probed --timeout=20s")).toBe("pod/probed condition met\n");
  });

  test("a container that fails is restarted with growing patience", async () => {
    const { kubectl } = here;
    await kubectl.ok(["run", "crasher", "--image=busybox:1.36", "--", "sh", "-c", "echo dying; exit 3"]);
    const status = await eventually(
      () => kubectl.ok("get pod crasher"),
      (text) => /CrashLoopBackOff/.test(text),
    );
    expect(status).toMatch(/0\/1 +CrashLoopBackOff +[1-9]/);
    expect(await kubectl.ok("get pod crasher -o jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}")).toBe("3");
    expect(await kubectl.ok("logs crasher --previous")).toBe("dying\n");
  });

  test("an image that is not there says so", async () => {
    const { kubectl } = here;
    await kubectl.ok("run absent --image=nginx:does-not-exist");
    expect(
      await eventually(
        () => kubectl.ok("get pod absent"),
        (text) => /ErrImagePull|ImagePullBackOff/.test(text),
      ),
    ).toMatch(/0\/1 +(ErrImagePull|ImagePullBackOff) +0/);
  });

  test("expose makes a service that the API server reaches through its proxy", async () => {
    const { kubectl } = here;
    await kubectl.ok("run shown --image=nginx:1.27 --port=80");
    await kubectl.ok("wait --for=condition=Ready pod/shown --timeout=20s");
    expect(await kubectl.ok("expose pod shown --port=8080 --target-port=80")).toBe("service/shown exposed\n");
    const through = () => kubectl.run("get --raw /api/v1/namespaces/default/services/shown:8080/proxy/");
    expect((await eventually(through, ({ code }) => code === 0)).stdout).toContain("Welcome to nginx");
  });
});
