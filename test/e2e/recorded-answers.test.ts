// Bad input and odd requests, as a real API server 1.36.3 answered them (the hand/ rows of test/facts/validation.jsonl), sent
// over HTTP. recorded-gaps.txt lists those that are answered otherwise as yet; the list may only become shorter.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { inputObject, jsonLines, mutated, type ValidationFact } from "../support/facts.ts";
import { setting } from "./setting.ts";

interface HandFact extends ValidationFact {
  readonly method: string;
  readonly path: string;
  readonly ctype?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly credentials?: string;
  readonly answer?: unknown;
}
interface Status {
  readonly reason?: string;
  readonly message?: string;
}
const GAPS = join(import.meta.dirname, "recorded-gaps.txt");
const NAMESPACE = "facts-val";
/** Objects that were there when the answers were recorded. */
const LIVE = ["pod-full", "deployment-full", "configmap-full", "clusterrole", "secret", "serviceaccount-full", "service-full", "namespace"];
const COLLECTIONS: Readonly<Record<string, string>> = { Deployment: "apps/v1 deployments", ClusterRole: "rbac.authorization.k8s.io/v1 clusterroles" };

const here = setting();
/** With a space behind `:` and `,`, as the recording's client wrote it: some answers quote the beginning of the body. */
const spaced = (value: unknown): string =>
  JSON.stringify(value, null, 1)
    .replaceAll(/([{[])\n\s*/g, "$1")
    .replaceAll(/\n\s*([}\]])/g, "$1")
    .replaceAll(/,\n\s*/g, ", ");
const send = (method: string, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  here.server.fetch(path, {
    method,
    redirect: "manual",
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined || method === "GET" ? {} : { body: typeof body === "string" ? body : spaced(body) }),
  });
function collection({ kind = "" }: KubeObject): string {
  const [groupVersion = "", plural = ""] = (COLLECTIONS[kind] ?? `v1 ${kind.toLowerCase()}s`).split(" ");
  const namespaced = kind !== "Namespace" && kind !== "ClusterRole";
  return `/${groupVersion === "v1" ? "api" : "apis"}/${groupVersion}/${namespaced ? `namespaces/${NAMESPACE}/` : ""}${plural}`;
}

/** Needs nothing that the recording set up just before, changes nothing, and was sent whole. */
function isRepeatable({ id, method, path, code, credentials, headers, body_in, base }: HandFact): boolean {
  if (
    code === 0 ||
    credentials ||
    headers ||
    /facts-gadgets|facts\.example|watch=|\/(bound|gone|guarded|gated|ssa|ssu|ssn|fin|really|kept)\b|facts-term|\/real-/.test(`${path} ${id} ${base ?? ""}`)
  )
    return false;
  if (typeof body_in === "string" && body_in.endsWith("characters>")) return false;
  return method === "GET" || code >= 400 || path.includes("dryRun=All");
}
async function bodyOf(fact: HandFact): Promise<unknown> {
  if (fact.base?.startsWith("live:")) return mutated((await (await send("GET", fact.base.slice(5), undefined)).json()) as KubeObject, fact);
  if (fact.base) return mutated(inputObject(fact.base), fact);
  return fact.body_in === null ? undefined : fact.body_in;
}
/** As the recording masked what differs from run to run. */
const scrubbed = (text: string): string =>
  text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uid>")
    .replaceAll(/0xc[0-9a-f]{8,}/g, "<pointer>")
    .replaceAll(/(resourceVersion\\?":\\?"|in object meta: |in record \(|current: )\d+/g, "$1<n>")
    .replaceAll("kubernetes-admin", "<user>");
function expected({ message, of, causes = [] }: HandFact): string | undefined {
  if (message !== undefined || of === undefined) return message;
  const parts = [...new Set(causes.map(([, field, text]) => (field ? `${field}: ${text}` : text)))];
  return `${of} is invalid: ${parts.length === 1 ? parts[0] : `[${parts.join(", ")}]`}`;
}

test("recorded requests are answered as recorded", async () => {
  for (const name of [NAMESPACE, "facts-val2"]) await send("POST", "/api/v1/namespaces", { metadata: { name } });
  for (const id of LIVE) {
    const object = JSON.parse(JSON.stringify(inputObject(id)).replaceAll("facts-def", NAMESPACE)) as KubeObject;
    expect([id, (await send("POST", collection(object), object)).status]).toEqual([id, 201]);
  }
  const facts = jsonLines<HandFact>("validation.jsonl").filter((fact) => fact.id.startsWith("hand/") && isRepeatable(fact));
  const wrong = new Map<string, string>();
  for (const fact of facts) {
    const headers = { ...(fact.ctype ? { "content-type": fact.ctype } : {}), ...(fact.accept ? { accept: fact.accept } : {}) };
    const answer = await send(fact.method, fact.path, await bodyOf(fact), headers);
    const text = await answer.text();
    let status: Status = {};
    try {
      status = JSON.parse(text) as Status;
    } catch {
      // A plain text.
    }
    const want = fact.code >= 400 ? [fact.code, fact.reason ?? (fact.code === 422 && fact.causes ? "Invalid" : ""), expected(fact) ?? ""] : [fact.code];
    const got = fact.code >= 400 ? [answer.status, status.reason ?? "", expected(fact) === undefined ? "" : scrubbed(status.message ?? "")] : [answer.status];
    if (fact.reason === undefined && fact.of === undefined && fact.code >= 400) want[1] = got[1] ?? "";
    if (JSON.stringify(want) !== JSON.stringify(got)) wrong.set(fact.id, `\n   want ${JSON.stringify(want)}\n   got  ${JSON.stringify(got)}`.slice(0, 900));
  }
  if (process.env.PAPERPLANE_GAPS === "write")
    writeFileSync(
      GAPS,
      [...wrong.keys()]
        .sort()
        .map((id) => `${id}\n`)
        .join(""),
    );
  if (process.env.PAPERPLANE_GAPS) console.log([...wrong].map(([id, why]) => id + why).join("\n"));
  const known = new Set(readFileSync(GAPS, "utf8").split("\n"));
  console.log(`recorded answers: ${facts.length - wrong.size} of ${facts.length} as recorded`);
  expect([...wrong].filter(([id]) => !known.has(id)).map(([id, why]) => id + why)).toEqual([]);
  expect(facts.length).toBeGreaterThan(1000);
});
