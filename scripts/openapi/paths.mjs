// Paths of a group version: what each verb takes and answers.
import { ref } from "./schemas.mjs";

const MEDIA = ["application/json", "application/vnd.kubernetes.protobuf", "application/yaml"];
const STREAMS = ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];
const PATCHES = ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"];
const TYPES = { string: "string", number: "integer", boolean: "boolean" };
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const article = (kind) => (/^[AEIOU]/.test(kind) ? "an" : "a");

const content = (schema, types = MEDIA) => Object.fromEntries([...types].sort().map((type) => [type, { schema }]));
const UNAUTHORIZED = { 401: { description: "Unauthorized" } };
const responses = (codes, schema, types) => ({
  ...Object.fromEntries(codes.map((code) => [code, { description: { 200: "OK", 201: "Created", 202: "Accepted" }[code], ...(schema ? { content: content(schema, types) } : {}) }])),
  ...UNAUTHORIZED,
});

/** `rbac.authorization.k8s.io` -> `rbacAuthorization`, `` -> `core` */
const groupWord = (group) => (group === "" ? "core" : group.replace(/\.k8s\.io$/, "").split(".").map((part, i) => (i === 0 ? part : capital(part))).join(""));

/** What a call of a custom verb says of itself. */
const DESCRIPTIONS = {
  list: (kind) => `list or watch objects of kind ${kind}`,
  create: (kind, what) => (what ? `create ${what} of ${article(kind)} ${kind}` : `create ${article(kind)} ${kind}`),
  read: (kind, what) => (what ? `read ${what} of the specified ${kind}` : `read the specified ${kind}`),
  replace: (kind, what) => (what ? `replace ${what} of the specified ${kind}` : `replace the specified ${kind}`),
  patch: (kind, what) => (what ? `partially update ${what} of the specified ${kind}` : `partially update the specified ${kind}`),
  delete: (kind) => `delete ${article(kind)} ${kind}`,
  deletecollection: (kind) => `delete collection of ${kind}`,
  watch: (kind) => `watch changes to an object of kind ${kind}. deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter.`,
  watchlist: (kind) => `watch individual changes to a list of ${kind}. deprecated: use the 'watch' parameter with a list operation instead.`,
};

export function makePaths({ group, version, rows, texts, schemaOfKind }) {
  const word = groupWord(group);
  const prefix = `${capital(word)}${capital(version)}`;
  const tag = `${word}_${version}`;
  const base = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const paths = {};

  /** Parameters of a call, as the generated client has them. */
  function parameters(method, inPath) {
    const params = texts.requests.get(`${prefix}Api${capital(method)}`) ?? [];
    return params
      .filter(({ name }) => name !== "body")
      .map(({ name, type, optional, description }) => ({
        // The rest of a proxied URL comes twice: as a part of the path, and (path2) as a parameter of that name.
        name: { _continue: "continue", path2: "path" }[name] ?? name,
        in: inPath.has(name) ? "path" : "query",
        ...(description ? { description } : {}),
        ...(optional ? {} : { required: true }),
        schema: { type: TYPES[type] ?? "string", uniqueItems: true },
      }));
  }
  function add(path, verb, call) {
    const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    const { method, operation = method, params = parameters(method, inPath), ...rest } = call;
    const id = operation.replace(/^(list|watch|create|read|replace|patch|delete|connect)/, `$1${prefix}`);
    (paths[path] ??= {})[verb] = { tags: [tag], operationId: id, parameters: params, ...rest };
  }

  function resource(row) {
    const { resource: plural, kind, namespaced, verbs } = row;
    const schema = schemaOfKind(row.schema);
    const list = row.schema ? schemaOfKind(`${row.schema}List`) : undefined;
    const scope = namespaced ? "Namespaced" : "";
    const many = namespaced ? `${base}/namespaces/{namespace}/${plural}` : `${base}/${plural}`;
    const one = `${many}/{name}`;
    const gvk = { "x-kubernetes-group-version-kind": { group, version, kind } };
    const action = (name) => ({ "x-kubernetes-action": name, ...gvk });
    const body = (of) => ({ requestBody: { content: { "*/*": { schema: of } }, required: true } });
    const options = { requestBody: { content: { "*/*": { schema: ref("meta.v1.DeleteOptions") } } } };
    const has = (verb) => verbs.includes(verb);
    const answer = (method) => {
      const model = texts.answers.get(`${prefix}Api.${method}`);
      return model === undefined || model === "V1Status" ? ref("meta.v1.Status") : schema;
    };
    if (has("list")) {
      const listed = responses([200], list, [...MEDIA, ...STREAMS]);
      const of = { description: DESCRIPTIONS.list(kind), responses: listed, ...action("list") };
      if (namespaced) add(`${base}/${plural}`, "get", { method: `list${kind}ForAllNamespaces`, ...of });
      add(many, "get", { method: `list${scope}${kind}`, ...of });
    }
    if (has("create")) add(many, "post", { method: `create${scope}${kind}`, description: DESCRIPTIONS.create(kind), ...body(schema), responses: responses([200, 201, 202], schema), ...action("post") });
    if (has("deletecollection")) {
      const method = `deleteCollection${scope}${kind}`;
      add(many, "delete", { method, operation: method, description: DESCRIPTIONS.deletecollection(kind), ...options, responses: responses([200], ref("meta.v1.Status")), ...action("deletecollection") });
    }
    if (has("get")) add(one, "get", { method: `read${scope}${kind}`, description: DESCRIPTIONS.read(kind), responses: responses([200], schema), ...action("get") });
    if (has("update")) add(one, "put", { method: `replace${scope}${kind}`, description: DESCRIPTIONS.replace(kind), ...body(schema), responses: responses([200, 201], schema), ...action("put") });
    if (has("patch")) add(one, "patch", { method: `patch${scope}${kind}`, description: DESCRIPTIONS.patch(kind), requestBody: patchBody(), responses: responses([200, 201], schema), ...action("patch") });
    if (has("delete")) {
      const method = `delete${scope}${kind}`;
      add(one, "delete", { method, description: DESCRIPTIONS.delete(kind), ...options, responses: responses([200, 202], answer(method)), ...action("delete") });
    }
    if (has("watch")) watches(row, { many, one, gvk });
  }
  const patchBody = () => ({ content: content(ref("meta.v1.Patch"), ["application/apply-patch+cbor", ...PATCHES].filter((type) => !type.endsWith("cbor"))), required: true });

  function watches({ resource: plural, kind, namespaced }, { many, one, gvk }) {
    const scope = namespaced ? "Namespaced" : "";
    const at = (path) => path.replace(base, `${base}/watch`);
    const answers = responses([200], ref("meta.v1.WatchEvent"), [...MEDIA, ...STREAMS]);
    const params = (path) => {
      const listed = parameters(namespaced ? `list${kind}ForAllNamespaces` : `list${kind}`, new Set());
      const inPath = (name, description) => (path.includes(`{${name}}`) ? [{ name, in: "path", description, required: true, schema: { type: "string", uniqueItems: true } }] : []);
      return [...listed, ...inPath("name", `name of the ${kind}`), ...inPath("namespace", "object name and auth scope, such as for teams and projects")];
    };
    const watch = (path, operation, action) =>
      add(at(path), "get", { operation, method: operation, params: params(path), description: DESCRIPTIONS[action](kind), responses: answers, "x-kubernetes-action": action, ...gvk });
    if (namespaced) watch(`${base}/${plural}`, `watch${kind}ListForAllNamespaces`, "watchlist");
    watch(many, `watch${scope}${kind}List`, "watchlist");
    watch(one, `watch${scope}${kind}`, "watch");
  }

  function subresource(row, main) {
    const { resource: plural, subresource: name, namespaced, verbs } = row;
    const [g = group, v = version, kind = row.kind] = row.responseGVK?.split("/") ?? [];
    const gvk = { "x-kubernetes-group-version-kind": { group: g, version: v, kind } };
    const schema = schemaOfKind(row.schema ?? `${g === "" ? "core" : g.split(".")[0]}.${v}.${kind}`);
    const path = `${base}/${namespaced ? "namespaces/{namespace}/" : ""}${plural}/{name}/${name}`;
    const scope = namespaced ? "Namespaced" : "";
    const word = capital(name === "ephemeralcontainers" ? "ephemeralcontainers" : name);
    if (/Options$/.test(kind)) return connects({ path, kind, name, verbs, scope, main, gvk });
    const body = { requestBody: { content: { "*/*": { schema } }, required: true } };
    const call = (verb) => ({ method: `${verb}${scope}${main.kind}${word}`, description: DESCRIPTIONS[verb](main.kind, name) });
    if (verbs.includes("get")) {
      const log = name === "log";
      add(path, "get", { ...call("read"), responses: log ? responses([200], { type: "string" }, [...MEDIA, "text/plain"]) : responses([200], schema), "x-kubernetes-action": "get", ...gvk });
    }
    if (verbs.includes("update")) add(path, "put", { ...call("replace"), ...body, responses: responses([200, 201], schema), "x-kubernetes-action": "put", ...gvk });
    if (verbs.includes("patch")) add(path, "patch", { ...call("patch"), requestBody: patchBody(), responses: responses([200, 201], schema), "x-kubernetes-action": "patch", ...gvk });
    if (verbs.includes("create")) add(path, "post", { ...call("create"), ...body, responses: responses([200, 201, 202], schema), "x-kubernetes-action": "post", ...gvk });
    return undefined;
  }
  /** exec, attach, portforward, proxy: streams, whatever the HTTP method. */
  function connects({ path, kind, name, verbs, scope, main, gvk }) {
    const METHODS = { get: "get", create: "post", update: "put", patch: "patch", delete: "delete" };
    const methods = verbs.map((verb) => METHODS[verb]);
    if (name === "proxy") methods.push("head", "options");
    for (const method of methods) {
      for (const tail of name === "proxy" ? ["", "/{path}"] : [""]) {
        const call = `connect${capital(method)}${scope}${main.kind}${capital(name)}${tail ? "WithPath" : ""}`;
        const answer = responses([200], { type: "string" }, ["*/*"]);
        add(path + tail, method, { method: call, description: `connect ${method.toUpperCase()} requests to ${name} of ${main.kind}`, responses: answer, "x-kubernetes-action": "connect", ...gvk });
      }
    }
  }

  add(`${base}/`, "get", { method: "getAPIResources", operation: `get${prefix}APIResources`, params: [], description: "get available resources", responses: responses([200], ref("meta.v1.APIResourceList")) });
  for (const row of rows) if (row.subresource === undefined) resource(row);
  for (const row of rows) {
    if (row.subresource === undefined) continue;
    subresource(row, rows.find((main) => main.resource === row.resource && main.subresource === undefined));
  }
  return Object.fromEntries(Object.keys(paths).sort().map((path) => [path, hoisted(paths[path])]));
}

/** Parameters that all calls of a path share stand at the path. */
function hoisted(calls) {
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const all = Object.values(calls);
  const shared = (all[0].parameters ?? []).filter((param) => all.every((call) => call.parameters.some((other) => same(other, param))));
  const sorted = (params) => params.toSorted((a, b) => (`${a.name} ${a.in}` < `${b.name} ${b.in}` ? -1 : 1));
  for (const call of all) {
    const own = call.parameters.filter((param) => !shared.some((other) => same(other, param)));
    delete call.parameters;
    if (own.length > 0) call.parameters = sorted(own);
  }
  return shared.length > 0 ? { ...calls, parameters: sorted(shared) } : calls;
}
