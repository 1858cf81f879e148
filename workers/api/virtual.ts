// Kinds that are questions: what is POSTed is answered and never stored.
import { isObject, type JsonObject } from "../../shared/base/json.ts";
import { invalidStatus, methodNotAllowed, notAcceptable, notImplemented, type Status } from "../../shared/errors/status.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { matchNamespace } from "../../shared/verbs/create.ts";
import { track } from "../../shared/verbs/track.ts";
import type { WriteOptions } from "../../shared/verbs/write-request.ts";
import { acceptedForm } from "../../shared/api/negotiate.ts";
import { authenticate, mayDoEverything } from "./authenticate.ts";
import { writeContext, type ResourceContext, type User } from "./context.ts";
import { readObject } from "./body.ts";
import { respond, respondStatus } from "./respond.ts";
import { writeOptions } from "./write-options.ts";

type Answers = Readonly<Record<string, (context: ResourceContext, spec: JsonObject) => JsonObject | Promise<JsonObject>>>;

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
  async tokenreviews({ env }, spec): Promise<JsonObject> {
    const user = typeof spec.token === "string" && spec.token !== "" ? await authenticate(env, `Bearer ${spec.token}`) : undefined;
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
  const options = writeOptions(context.url.searchParams, request, "CreateOptions");
  if (!options.ok) return respondStatus(options.error);
  const decoded = await readObject(request, kind, options.value.fieldValidation ?? "Warn");
  if (!decoded.ok) return respondStatus(decoded.error);
  const { object, warnings } = decoded.value;
  const refused = checked(context, object, options.value);
  if (refused) return respondStatus(refused, warnings);
  const question = object as JsonObject;
  const text = JSON.stringify({ ...question, status: await answer(context, isObject(question.spec) ? question.spec : {}) });
  return respond({ code: 201, text, warnings }, form.value.media);
}

/** The question made ready as an object that is to be stored would be; mutates it. */
function checked(context: ResourceContext, object: KubeObject, options: WriteOptions): Status | undefined {
  const { kind, info, bricks } = context;
  const write = writeContext(context, { dryRun: options.dryRun === true });
  kind.defaults(object);
  const mismatch = matchNamespace(kind, object, info.namespace);
  if (mismatch) return mismatch;
  const errors = kind.validate(object, write);
  // Upstream names no kind in these refusals.
  if (errors.length > 0) return unnamed(invalidStatus({ group: kind.group, resource: "" }, "", errors));
  track(kind, { next: object, stored: undefined, options, subresource: "", now: bricks.ports.now() });
  kind.prepareForCreate(object, write);
  return undefined;
}
function unnamed(status: Status): Status {
  const { kind: _kind, ...details } = status.details ?? {};
  return { ...status, details };
}
