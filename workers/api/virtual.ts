// Kinds that are questions: what is POSTed is answered and never stored.
import { isObject, type JsonObject } from "../../shared/base/json.ts";
import { methodNotAllowed, notAcceptable, notImplemented } from "../../shared/errors/status.ts";
import { acceptedForm } from "../../shared/api/negotiate.ts";
import { authenticate, mayDoEverything } from "./authenticate.ts";
import type { ResourceContext, User } from "./context.ts";
import { readObject } from "./body.ts";
import { respond, respondStatus } from "./respond.ts";

type Answers = Readonly<Record<string, (context: ResourceContext, spec: JsonObject) => JsonObject>>;

/** Everything is allowed to the admin and nothing to others, until there is RBAC. */
const allowed = (user: User): JsonObject => (mayDoEverything(user) ? { allowed: true } : { allowed: false });
const subject = (spec: JsonObject): User => ({
  username: typeof spec.user === "string" ? spec.user : "",
  groups: Array.isArray(spec.groups) ? spec.groups.filter((group) => typeof group === "string") : [],
});
const ALL_RULES = {
  resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }],
  nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
  incomplete: false,
};
const NO_RULES = { resourceRules: [], nonResourceRules: [], incomplete: false };

const ANSWERS: Answers = {
  selfsubjectaccessreviews: ({ user }) => allowed(user),
  subjectaccessreviews: (_context, spec) => allowed(subject(spec)),
  localsubjectaccessreviews: (_context, spec) => allowed(subject(spec)),
  selfsubjectrulesreviews: ({ user }) => (mayDoEverything(user) ? ALL_RULES : NO_RULES),
  selfsubjectreviews: ({ user }) => ({ userInfo: { username: user.username, groups: [...user.groups] } }),
  tokenreviews({ env }, spec) {
    const user = typeof spec.token === "string" && spec.token !== "" ? authenticate(env, `Bearer ${spec.token}`) : undefined;
    if (!user) return { user: {}, error: "invalid bearer token" };
    return { authenticated: true, user: { username: user.username, groups: [...user.groups] } };
  },
};

export async function virtual(context: ResourceContext): Promise<Response> {
  const { kind, info, request } = context;
  if (info.verb !== "create") return respondStatus(methodNotAllowed());
  const answer = Object.hasOwn(ANSWERS, kind.resource) ? ANSWERS[kind.resource] : undefined;
  if (!answer) return respondStatus(notImplemented(kind.resource));
  const form = acceptedForm(request.headers.get("accept"), { list: false });
  if (!form.ok) return respondStatus(form.error);
  // There is no Table of an answer.
  if (form.value.as !== "object") return respondStatus(notAcceptable(["application/json", "application/yaml"]));
  const decoded = await readObject(request, kind, "Warn");
  if (!decoded.ok) return respondStatus(decoded.error);
  const object = decoded.value.object as unknown as JsonObject;
  const spec = isObject(object.spec) ? object.spec : {};
  const text = JSON.stringify({ ...object, metadata: isObject(object.metadata) ? object.metadata : {}, status: answer(context, spec) });
  return respond({ code: 201, text, warnings: decoded.value.warnings }, form.value.media);
}
