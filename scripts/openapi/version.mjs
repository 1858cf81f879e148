// What OpenAPI v3 says of /version/. As upstream: apimachinery pkg/version Info.
const NAME = "io.k8s.apimachinery.pkg.version.Info";
const REQUIRED = ["major", "minor", "gitVersion", "gitCommit", "gitTreeState", "buildDate", "goVersion", "compiler", "platform"];
const TEXTS = {
  major: "Major version of the server.",
  minor: "Minor version of the server.",
  emulationMajor: "Major version that the server behaves as.",
  emulationMinor: "Minor version that the server behaves as.",
  minCompatibilityMajor: "Oldest major version that the server is compatible with.",
  minCompatibilityMinor: "Oldest minor version that the server is compatible with.",
};

export function versionDocument() {
  const names = [...new Set([...REQUIRED, ...Object.keys(TEXTS)])].sort();
  const property = (name) => ({ ...(TEXTS[name] ? { description: TEXTS[name] } : {}), type: "string", ...(REQUIRED.includes(name) ? { default: "" } : {}) });
  const properties = Object.fromEntries(names.map((name) => [name, property(name)]));
  const answer = { description: "OK", content: { "application/json": { schema: { $ref: `#/components/schemas/${NAME}` } } } };
  const get = {
    tags: ["version"],
    description: "which version this server has",
    operationId: "getCodeVersion",
    responses: { 200: answer, 401: { description: "Unauthorized" } },
  };
  return { paths: { "/version/": { get } }, schemas: { [NAME]: { description: "Version of a server.", type: "object", required: REQUIRED, properties } } };
}
