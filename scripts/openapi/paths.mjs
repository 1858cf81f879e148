// Paths of a group version: what each verb takes and answers.
import { alikeCall } from "./own-texts.mjs";
import { ref } from "./schemas.mjs";

const MEDIA = ["application/json", "application/vnd.kubernetes.protobuf", "application/yaml"];
const STREAMS = ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];
const PATCHES = ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"];
const TYPES = { string: "string", number: "integer", boolean: "boolean" };
const METHODS = { get: "get", create: "post", update: "put", patch: "patch", delete: "delete" };
const CODES = { 200: "OK", 201: "Created", 202: "Accepted" };
const STATUS = ref("meta.v1.Status");
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const article = (kind) => (/^[AEIOU]/.test(kind) ? "an" : "a");

const content = (schema, types = MEDIA) => Object.fromEntries([...types].sort().map((type) => [type, { schema }]));
const responses = (codes, schema, types) => ({
  ...Object.fromEntries(codes.map((code) => [code, { description: CODES[code], ...(schema ? { content: content(schema, types) } : {}) }])),
  401: { description: "Unauthorized" },
});
const bodyOf = (schema) => ({ requestBody: { content: { "*/*": { schema } }, required: true } });
const patchBody = { requestBody: { content: content(ref("meta.v1.Patch"), PATCHES), required: true } };
const deleteBody = { requestBody: { content: { "*/*": { schema: ref("meta.v1.DeleteOptions") } } } };

/** `rbac.authorization.k8s.io` -> `rbacAuthorization`, `` -> `core` */
const groupWord = (group) =>
  group === ""
    ? "core"
    : group
        .replace(/\.k8s\.io$/, "")
        .split(".")
        .map((part, i) => (i === 0 ? part : capital(part)))
        .join("");

/** What a call says of itself; `sub`: the subresource. */
const DESCRIPTIONS = {
  list: (kind) => `list or watch objects of kind ${kind}`,
  create: (kind, sub) => (sub ? `create ${sub} of ${article(kind)} ${kind}` : `create ${article(kind)} ${kind}`),
  read: (kind, sub) => (sub ? `read ${sub} of the specified ${kind}` : `read the specified ${kind}`),
  replace: (kind, sub) => (sub ? `replace ${sub} of the specified ${kind}` : `replace the specified ${kind}`),
  patch: (kind, sub) => (sub ? `partially update ${sub} of the specified ${kind}` : `partially update the specified ${kind}`),
  delete: (kind) => `delete ${article(kind)} ${kind}`,
  deletecollection: (kind) => `delete collection of ${kind}`,
  watch: (kind) =>
    `watch changes to an object of kind ${kind}. deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter.`,
  watchlist: (kind) => `watch individual changes to a list of ${kind}. deprecated: use the 'watch' parameter with a list operation instead.`,
};

class GroupVersionPaths {
  constructor({ group, version, rows, texts, schemaOfKind }) {
    Object.assign(this, { group, version, rows, texts, schemaOfKind });
    const word = groupWord(group);
    this.prefix = `${capital(word)}${capital(version)}`;
    this.tag = `${word}_${version}`;
    this.base = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
    this.paths = {};
  }

  /** Parameters of a call, as the generated client has them. */
  parameters(method, inPath) {
    const call = alikeCall(this.prefix, capital(method)) ?? `${this.prefix}Api${capital(method)}`;
    const params = this.texts.requests.get(call) ?? [];
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
  add(path, verb, call) {
    const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    const { method, operation = method, params = this.parameters(method, inPath), ...rest } = call;
    const operationId = operation.replace(/^(list|watch|create|read|replace|patch|delete|connect)/, `$1${this.prefix}`);
    (this.paths[path] ??= {})[verb] = { tags: [this.tag], operationId, parameters: params, ...rest };
  }

  collection(row, { many, scope, schema, action }) {
    const { kind, namespaced, verbs } = row;
    const has = (verb) => verbs.includes(verb);
    if (has("list")) {
      const list = this.schemaOfKind(`${row.schema}List`);
      const call = { description: DESCRIPTIONS.list(kind), responses: responses([200], list, [...MEDIA, ...STREAMS]), ...action("list") };
      if (namespaced) this.add(`${this.base}/${row.resource}`, "get", { method: `list${kind}ForAllNamespaces`, ...call });
      this.add(many, "get", { method: `list${scope}${kind}`, ...call });
    }
    if (has("create")) {
      const call = { description: DESCRIPTIONS.create(kind), ...bodyOf(schema), responses: responses([200, 201, 202], schema) };
      this.add(many, "post", { method: `create${scope}${kind}`, ...call, ...action("post") });
    }
    if (has("deletecollection")) {
      const call = { description: DESCRIPTIONS.deletecollection(kind), ...deleteBody, responses: responses([200], STATUS) };
      this.add(many, "delete", { method: `deleteCollection${scope}${kind}`, ...call, ...action("deletecollection") });
    }
  }
  single(row, { one, scope, schema, action }) {
    const { kind, verbs } = row;
    const has = (verb) => verbs.includes(verb);
    if (has("get"))
      this.add(one, "get", { method: `read${scope}${kind}`, description: DESCRIPTIONS.read(kind), responses: responses([200], schema), ...action("get") });
    if (has("update")) {
      const call = { description: DESCRIPTIONS.replace(kind), ...bodyOf(schema), responses: responses([200, 201], schema) };
      this.add(one, "put", { method: `replace${scope}${kind}`, ...call, ...action("put") });
    }
    if (has("patch")) {
      const call = { description: DESCRIPTIONS.patch(kind), ...patchBody, responses: responses([200, 201], schema) };
      this.add(one, "patch", { method: `patch${scope}${kind}`, ...call, ...action("patch") });
    }
    if (has("delete")) {
      const method = `delete${scope}${kind}`;
      const model = this.texts.answers.get(`${this.prefix}Api.${method}`);
      const answer = model === undefined || model === "V1Status" ? STATUS : schema;
      this.add(one, "delete", { method, description: DESCRIPTIONS.delete(kind), ...deleteBody, responses: responses([200, 202], answer), ...action("delete") });
    }
  }
  resource(row) {
    const { resource, kind, namespaced } = row;
    const { base, group, version } = this;
    const many = namespaced ? `${base}/namespaces/{namespace}/${resource}` : `${base}/${resource}`;
    const gvk = { "x-kubernetes-group-version-kind": { group, version, kind } };
    const at = {
      many,
      one: `${many}/{name}`,
      scope: namespaced ? "Namespaced" : "",
      schema: this.schemaOfKind(row.schema),
      action: (name) => ({ "x-kubernetes-action": name, ...gvk }),
    };
    this.collection(row, at);
    this.single(row, at);
    if (row.verbs.includes("watch")) this.watches(row, at);
  }

  watches({ resource, kind, namespaced }, { many, one, scope, action }) {
    const { base } = this;
    const listed = this.parameters(namespaced ? `list${kind}ForAllNamespaces` : `list${kind}`, new Set());
    const inPath = (path, name, description) =>
      path.includes(`{${name}}`) ? [{ name, in: "path", description, required: true, schema: { type: "string", uniqueItems: true } }] : [];
    const watch = (path, method, name) =>
      this.add(path.replace(base, `${base}/watch`), "get", {
        method,
        params: [
          ...listed,
          ...inPath(path, "name", `name of the ${kind}`),
          ...inPath(path, "namespace", "object name and auth scope, such as for teams and projects"),
        ],
        description: DESCRIPTIONS[name](kind),
        responses: responses([200], ref("meta.v1.WatchEvent"), [...MEDIA, ...STREAMS]),
        ...action(name),
      });
    if (namespaced) watch(`${base}/${resource}`, `watch${kind}ListForAllNamespaces`, "watchlist");
    watch(many, `watch${scope}${kind}List`, "watchlist");
    watch(one, `watch${scope}${kind}`, "watch");
  }

  subresource(row, main) {
    const { resource, subresource: name, namespaced, verbs } = row;
    const [group = this.group, version = this.version, kind = row.kind] = row.responseGVK?.split("/") ?? [];
    const gvk = { "x-kubernetes-group-version-kind": { group, version, kind } };
    const path = `${this.base}/${namespaced ? "namespaces/{namespace}/" : ""}${resource}/{name}/${name}`;
    const scope = namespaced ? "Namespaced" : "";
    if (kind.endsWith("Options")) return this.connects({ path, name, verbs, scope, main, gvk });
    const schema = this.schemaOfKind(row.schema ?? `${group === "" ? "core" : group.split(".")[0]}.${version}.${kind}`);
    const call = (word) => ({ method: `${word}${scope}${main.kind}${capital(name)}`, description: DESCRIPTIONS[word](main.kind, name) });
    const add = (verb, word, rest) => {
      if (verbs.includes(verb)) this.add(path, METHODS[verb], { ...call(word), ...rest, "x-kubernetes-action": METHODS[verb], ...gvk });
    };
    add("get", "read", { responses: name === "log" ? responses([200], { type: "string" }, [...MEDIA, "text/plain"]) : responses([200], schema) });
    add("update", "replace", { ...bodyOf(schema), responses: responses([200, 201], schema) });
    add("patch", "patch", { ...patchBody, responses: responses([200, 201], schema) });
    add("create", "create", { ...bodyOf(schema), responses: responses([200, 201, 202], schema) });
    return undefined;
  }
  /** exec, attach, portforward, proxy: streams, whatever the HTTP method. */
  connects({ path, name, verbs, scope, main, gvk }) {
    const proxy = name === "proxy";
    for (const method of [...verbs.map((verb) => METHODS[verb]), ...(proxy ? ["head", "options"] : [])]) {
      for (const tail of proxy ? ["", "/{path}"] : [""]) {
        this.add(path + tail, method, {
          method: `connect${capital(method)}${scope}${main.kind}${capital(name)}${tail ? "WithPath" : ""}`,
          description: `connect ${method.toUpperCase()} requests to ${name} of ${main.kind}`,
          responses: responses([200], { type: "string" }, ["*/*"]),
          "x-kubernetes-action": "connect",
          ...gvk,
        });
      }
    }
  }

  all() {
    const answer = responses([200], ref("meta.v1.APIResourceList"));
    this.add(`${this.base}/`, "get", { method: `get${this.prefix}APIResources`, params: [], description: "get available resources", responses: answer });
    const mains = this.rows.filter((row) => row.subresource === undefined);
    for (const row of mains) this.resource(row);
    for (const row of this.rows)
      if (row.subresource !== undefined)
        this.subresource(
          row,
          mains.find((main) => main.resource === row.resource),
        );
    return Object.fromEntries(
      Object.keys(this.paths)
        .sort()
        .map((path) => [path, hoisted(this.paths[path])]),
    );
  }
}
export const makePaths = (options) => new GroupVersionPaths(options).all();

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
