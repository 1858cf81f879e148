// probe
import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";
test("x", async () => {
  const answer = await (exports as any).default.fetch(new Request("http://x/version"));
  console.log(Object.keys(env), await answer.text());
  expect(answer.status).toBe(200);
  const a2 = await (exports as any).default.fetch(new Request("http://x/api/v1/namespaces", {headers:{authorization:"Bearer workerd-test-token"}}));
  console.log(await a2.text());
});
