// The sweep: wakes actors of a cluster that have work which a crash may have left behind. Fired by cron, once a minute.
import type { ApiContext } from "./context.ts";

export async function sweep(context: ApiContext): Promise<Response> {
  await Promise.all((await context.stores.live()).map((resource) => context.stores.query(resource, [])));
  return new Response(null, { status: 204 });
}
