// Who asks: a bearer token is compared by its SHA-256; the token itself is stored nowhere.
import { err, ok, type Result } from "../../shared/base/result.ts";
import { badRequest, forbiddenStatus, type Status } from "../../shared/errors/status.ts";
import type { ActorEnv } from "../../durable-objects/env.ts";
import type { User } from "./context.ts";
import type { RequestUrl } from "./request-url.ts";

const ADMIN: User = { username: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] };
const ANONYMOUS: User = { username: "system:anonymous", groups: ["system:unauthenticated"] };

// The platform's own digest: node:crypto takes a fifth of a second to load.
const sha256 = async (text: string): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function adminHash(env: ActorEnv): Promise<string | undefined> {
  if (env.ADMIN_TOKEN) return sha256(env.ADMIN_TOKEN);
  return env.ADMIN_TOKEN_HASH && /^[0-9a-f]{64}$/.test(env.ADMIN_TOKEN_HASH) ? env.ADMIN_TOKEN_HASH : undefined;
}
/** Looks at every character, whichever is the first to differ. */
function sameDigest(a: string, b: string): boolean {
  let differences = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) differences |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return differences === 0;
}

/** Headers that were right lately: hashing each request anew would cost more than the rest of its way. */
const known = new Map<string, User>();
const KNOWN_MAX = 64;

/** The user behind the Authorization header; undefined: a token that is nobody's. */
export async function authenticate(env: ActorEnv, header: string | null): Promise<User | undefined> {
  if (header === null || header === "") return ANONYMOUS;
  const cached = known.get(header);
  if (cached) return cached;
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (token === undefined) return ANONYMOUS;
  const expected = await adminHash(env);
  if (!expected || !sameDigest(await sha256(token), expected)) return undefined;
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(header, ADMIN);
  return ADMIN;
}

const ACCESS = "/access/";

export const mayDoEverything = (user: User): boolean => user.groups.includes("system:masters");

/**
 * Where the token of a request is. client-go (rest.IsConfigTransportTLS in tools/clientcmd) sends no credentials over plain
 * HTTP; for such servers, which are local ones, a kubeconfig names `/access/<token>` as part of the server's URL.
 */
export function credentials(request: Request, url: RequestUrl): { readonly path: string; readonly authorization: string | null } {
  const { pathname } = url;
  const [token = ""] = url.isPlainHttp && pathname.startsWith(ACCESS) ? pathname.slice(ACCESS.length).split("/", 1) : [];
  if (token === "") return { path: pathname, authorization: request.headers.get("authorization") };
  return { path: pathname.slice(ACCESS.length + token.length) || "/", authorization: `Bearer ${token}` };
}

/**
 * Acting for somebody else: only the admin may. As upstream: apiserver pkg/endpoints/filters/impersonation.go.
 * A Status refuses; undefined: nobody is impersonated.
 */
export function impersonated(user: User, headers: Headers): Result<User | undefined, Status> {
  const username = headers.get("impersonate-user");
  const named = headers.get("impersonate-group");
  if (username === null && named === null) return ok(undefined);
  const groups = (named ?? "")
    .split(",")
    .map((group) => group.trim())
    .filter((group) => group !== "");
  if (!username) {
    if (groups.length === 0) return ok(undefined);
    const info = `&user.DefaultInfo{Name:"", UID:"", Groups:[]string{${groups.map((group) => JSON.stringify(group)).join(", ")}}, Extra:map[string][]string(nil)}`;
    return err(badRequest(`requested ${info} without impersonating a user name`));
  }
  if (!mayDoEverything(user)) {
    const message = `User ${JSON.stringify(user.username)} cannot impersonate resource "users" in API group "" at the cluster scope`;
    return err(forbiddenStatus({ group: "", resource: "users" }, username, message));
  }
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(username);
  const own = account ? ["system:serviceaccounts", `system:serviceaccounts:${account[1] ?? ""}`] : [];
  return ok({
    username,
    groups: [...new Set([...(groups.length > 0 ? groups : own), username === "system:anonymous" ? "system:unauthenticated" : "system:authenticated"])],
  });
}
