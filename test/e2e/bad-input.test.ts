// What people get wrong, and the sentence they are told. Far more cases, over HTTP, are in recorded-answers.test.ts.
import { expect, test } from "vitest";
import { manifest } from "../support/kubectl.ts";
import { NGINX, setting, withKubectl } from "./setting.ts";

const configMap = (lines: string): string => `apiVersion: v1\nkind: ConfigMap\n${lines}`;

withKubectl("bad input", () => {
  const here = setting();

  test.each([
    ["an unknown kind", "apiVersion: v1\nkind: Podd\nmetadata:\n  name: x\n", 'no matches for kind "Podd" in version "v1"'],
    ["an unknown group", "apiVersion: nope.example/v1\nkind: Pod\nmetadata:\n  name: x\n", 'no matches for kind "Pod" in version "nope.example/v1"'],
    ["no kind", "apiVersion: v1\nmetadata:\n  name: x\n", "error validating data: kind not set"],
    ["an unknown field", configMap("metadata:\n  name: x\ndatta: {}\n"), 'strict decoding error: unknown field "datta"'],
    ["malformed YAML", "apiVersion: v1\nkind: [\n", "error parsing"],
    ["malformed JSON", '{"apiVersion": "v1", "kind": ', "error parsing"],
    [
      "a wrong type",
      NGINX.replace("replicas: 2", "replicas: two"),
      "cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    [
      "a bad name",
      configMap("metadata:\n  name: Bad_Name\n"),
      'The ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of',
    ],
    ["no name", configMap("data: {}\n"), "metadata.name: Required value: name or generateName is required"],
    [
      "a bad quantity",
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\nspec:\n  containers:\n  - name: c\n    image: i\n    resources:\n      limits:\n        cpu: lots\n",
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      "a selector that misses the template",
      NGINX.replace("matchLabels:\n      app: nginx", "matchLabels:\n      app: other"),
      'spec.template.metadata.labels: Invalid value: {"app":"nginx"}: `selector` does not match template `labels`',
    ],
    ["no containers", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\nspec:\n  containers: []\n", "spec.containers: Required value"],
    ["a missing namespace", configMap("metadata:\n  name: x\n  namespace: nowhere\n"), 'namespaces "nowhere" not found'],
    [
      "a port out of range",
      "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\nspec:\n  ports:\n  - port: 70000\n",
      "spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive",
    ],
    [
      "a node port out of range",
      "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\nspec:\n  type: NodePort\n  ports:\n  - port: 80\n    nodePort: 80\n",
      "provided port is not in the valid range. The range of valid ports is 30000-32767",
    ],
  ])("%s", async (_what, text, complaint) => {
    expect(await here.kubectl.fails(["create", "-f", manifest(text)])).toContain(complaint);
  });

  test.each([
    ["get podds", `error: the server doesn't have a resource type "podds"`],
    ["get pod nothing", 'Error from server (NotFound): pods "nothing" not found'],
    ["get pods -n Bad_Name", ""],
    ["delete pod nothing", 'Error from server (NotFound): pods "nothing" not found'],
    ["scale deployment/nothing --replicas=2", 'deployments.apps "nothing" not found'],
    ["logs nothing", 'pods "nothing" not found'],
    ["exec nothing -- true", 'pods "nothing" not found'],
    ["get pods -l a=b=c", "found '=', expected: ',' or 'end of string'"],
    ["get pods --field-selector=spec.nope=1", "field label not supported: spec.nope"],
    ["replace --raw /api/v1/nodes -f /dev/null", "the server does not allow this method on the requested resource"],
  ])("kubectl %s", async (words, complaint) => {
    const { code, stderr } = await here.kubectl.run(words);
    expect([code, stderr]).toEqual([complaint === "" ? 0 : 1, expect.stringContaining(complaint)]);
  });

  test("what may not change, does not", async () => {
    const { kubectl } = here;
    await kubectl.ok(["create", "-f", manifest(NGINX)]);
    const selector = '{"spec":{"selector":{"matchLabels":{"app":"other"}},"template":{"metadata":{"labels":{"app":"other"}}}}}';
    expect(await kubectl.fails(["patch", "deployment", "nginx-deployment", "-p", selector])).toMatch(/spec\.selector: Invalid value: .*: field is immutable/);
    await kubectl.ok(["create", "-f", manifest(`${configMap("metadata:\n  name: fixed\n")}immutable: true\ndata:\n  a: '1'\n`)]);
    expect(await kubectl.fails(["patch", "configmap", "fixed", "-p", '{"data":{"a":"2"}}'])).toContain(
      "data: Forbidden: field is immutable when `immutable` is set",
    );
    expect(await kubectl.fails(["patch", "configmap", "fixed", "-p", '{"metadata":{"uid":"other"}}'])).toContain(
      'metadata.uid: Invalid value: "other": field is immutable',
    );
    await kubectl.ok("run solid --image=nginx:1.27");
    expect(await kubectl.fails(["patch", "pod", "solid", "-p", '{"spec":{"nodeName":"other"}}'])).toContain(
      "spec: Forbidden: pod updates may not change fields other than",
    );
  });

  test("a stale version is a conflict, and three megabytes are too much", async () => {
    const { kubectl, server } = here;
    await kubectl.ok("create configmap contended");
    const old = await kubectl.ok("get configmap contended -o yaml");
    await kubectl.ok(["patch", "configmap", "contended", "-p", '{"data":{"a":"1"}}']);
    expect(await kubectl.fails("replace -f -", { input: old })).toContain(
      "the object has been modified; please apply your changes to the latest version and try again",
    );
    const post = (body: string) =>
      server.fetch("/api/v1/namespaces/default/configmaps", { method: "POST", headers: { "content-type": "application/json" }, body });
    const huge = await post(JSON.stringify({ metadata: { name: "huge" }, data: { a: "x".repeat(3 * 1024 * 1024) } }));
    expect([huge.status, ((await huge.json()) as { reason: string }).reason]).toEqual([413, "RequestEntityTooLarge"]);
    const large = await post(JSON.stringify({ metadata: { name: "large" }, data: { a: "x".repeat(1024 * 1024 + 1) } }));
    expect([large.status, ((await large.json()) as { message: string }).message]).toEqual([
      422,
      expect.stringContaining("Too long: may not be more than 1048576 bytes"),
    ]);
    expect((await server.fetch("/api/v1/namespaces/default/configmaps/huge")).status).toBe(404);
  });
});
