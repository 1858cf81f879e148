// LIST of many pods, whole and in chunks; before it, creating them.
import { perSecond, round, Times } from "../figures.ts";
import { pod } from "../objects.ts";
import { must, type Session } from "../session.ts";

const ROUNDS = 7;
const CHUNK = 500;
/** A list's metadata stands before its items. */
const HEAD_BYTES = 4096;

const continueToken = (body: Buffer): string => /"continue": ?"([^"]*)"/.exec(body.toString("latin1", 0, HEAD_BYTES).split(`"items"`)[0] ?? "")?.[1] ?? "";

export async function list(session: Session): Promise<void> {
  const { count, connections } = session.options;
  const path = `${session.path}/pods`;
  const made = new Times();
  const ms = await session.each(count, async (connection, index) => {
    const start = performance.now();
    await must(connection, "POST", path, pod(`p${index}`, { nowhere: true }));
    made.add(performance.now() - start);
  });
  session.report("create-pods", { n: count, c: connections, per_s: perSecond(count, ms), ...made.figures() });

  const whole = new Times();
  let bytes = 0;
  for (let turn = 0; turn < ROUNDS; turn++) {
    const start = performance.now();
    bytes = (await must(session.control, "GET", path)).body.length;
    whole.add(performance.now() - start);
  }
  session.report("list", { n: count, megabytes: round(bytes / 1e6, 1), ...whole.figures() });

  const chunked = new Times();
  let chunks = 0;
  for (let turn = 0; turn < ROUNDS; turn++) {
    const start = performance.now();
    chunks = 0;
    for (let token = ""; chunks === 0 || token !== ""; chunks++) {
      token = continueToken((await must(session.control, "GET", `${path}?limit=${CHUNK}${token === "" ? "" : `&continue=${encodeURIComponent(token)}`}`)).body);
    }
    chunked.add(performance.now() - start);
  }
  if (chunks !== Math.ceil(count / CHUNK)) throw new Error(`${count} pods came in ${chunks} chunks of ${CHUNK}`);
  session.report("list-chunked", { n: count, chunk: CHUNK, ...chunked.figures() });
}
