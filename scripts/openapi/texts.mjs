// Descriptions of types, fields and parameters, read out of the declarations of two npm packages (development only).
import { ownModel } from "./own-texts.mjs";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "node_modules");
const CLIENT = join(root, "@kubernetes", "client-node", "dist", "gen");

/** The text of a doc comment, without its stars. */
function comment(block) {
  const lines = block
    .replace(/^\/\*\*/, "")
    .replace(/\*\/$/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, ""));
  return lines
    .join("\n")
    .trim()
    .replaceAll("*\\/", "*/")
    .replaceAll("* /", "*/")
    .replaceAll("\\*", "*")
    .replace(/\n@deprecated$/, "");
}

function* declarations(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory() && entry.name !== "_schemas" && entry.name !== "node_modules") yield* declarations(path);
    else if (entry.name.endsWith(".d.ts") && entry.name !== "index.d.ts") yield path;
  }
}

/** What lies between the braces of the first interface of a declaration file: doc comments by field. */
function fieldsOf(body) {
  const fields = new Map();
  const member = /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\s*"([^"]+)"\??:/g;
  for (const [, block, name] of body.matchAll(member)) if (!fields.has(name)) fields.set(name, comment(block));
  return fields;
}

const pascal = (text) =>
  text
    .split(/[.-]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");

/** full name (io.k8s.api.apps.v1.Deployment) -> { description, fields }, by its name in the packages. */
function models() {
  const found = new Map();
  for (const pack of ["kubernetes-models", join("@kubernetes-models", "apimachinery")]) {
    for (const path of declarations(join(root, pack))) {
      const source = readFileSync(path, "utf8");
      const alias = / as I(IoK8s\w+)/.exec(source)?.[1];
      const start = source.search(/export (?:interface|type) I\w+/);
      if (!alias || start < 0) continue;
      const before = /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\s*$/.exec(source.slice(0, start))?.[1];
      const end = source.indexOf("\n}", start);
      found.set(alias, { description: before ? comment(before) : undefined, fields: fieldsOf(source.slice(start, end < 0 ? undefined : end)) });
    }
  }
  return found;
}

/** Parameters come on one line: two blanks stand where a paragraph ended. */
const unescaped = (text) =>
  text
    .replaceAll(/ {2}(?=[A-Z])/g, "\n\n")
    .replaceAll(/\\?&#x3D;/g, "=")
    .replaceAll(/\\?&#x60;/g, "`")
    .replaceAll(/\\?&#39;/g, "'")
    .replaceAll(/\\?&quot;/g, '"')
    .replaceAll(/\\?&lt;/g, "<")
    .replaceAll(/\\?&gt;/g, ">")
    .replaceAll(/\\?&amp;/g, "&")
    .replaceAll(/\\(["'`])/g, "$1");

/** `AppsV1ApiPatchNamespacedDeploymentRequest` -> its parameters in order. */
function requests() {
  const source = readFileSync(join(CLIENT, "types", "ObjectParamAPI.d.ts"), "utf8");
  const found = new Map();
  for (const [, name, body] of source.matchAll(/export interface (\w+)Request \{([\s\S]*?)\n\}/g)) {
    const params = [];
    for (const [, block, param, optional, type] of body.matchAll(/(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\s*(\w+)(\??): (\w+)/g)) {
      const text = comment(block)
        .split(/\n(?:Defaults to: |@type )/)[0]
        .trim();
      params.push({ name: param, optional: optional === "?", type, description: text.startsWith("@type") ? "" : unescaped(text) });
    }
    found.set(name, params);
  }
  return found;
}

/** `AppsV1Api` + `deleteNamespacedDeployment` -> the model that the call answers with (`V1Status`). */
function answers() {
  const found = new Map();
  for (const file of readdirSync(join(CLIENT, "apis"))) {
    if (!file.endsWith("Api.d.ts")) continue;
    const source = readFileSync(join(CLIENT, "apis", file), "utf8");
    for (const [, method, model] of source.matchAll(/\b(\w+?)(?:WithHttpInfo)\(response: ResponseContext\): Promise<HttpInfo<(\w+)>>/g)) {
      found.set(`${file.slice(0, -5)}.${method}`, model);
    }
  }
  return found;
}

export function loadTexts() {
  const known = models();
  return {
    /** { description, fields } of a schema by its full name. */
    model: (full) => ownModel(full) ?? known.get(pascal(full)) ?? { description: undefined, fields: new Map() },
    requests: requests(),
    answers: answers(),
  };
}
