// The form that custom resources' documents are filled into at run time (shared/api/openapi.ts): one resource with status and
// scale, its names replaced by marks. Made from a built-in resource, which has the same verbs and parameters.

const MARKS = [
  ["/apis/apps/v1", "/apis/<<group>>/<<version>>"],
  ["io.k8s.api.apps.v1.Deployment", "<<schema>>"],
  ["apps_v1", "<<tag>>"],
  ["AppsV1", "<<id>>"],
  ["deployments", "<<plural>>"],
  ["Deployment", "<<kind>>"],
];

export function customTemplate(document, mentionedSchemas) {
  const wanted = Object.entries(document.paths).filter(([path]) => /\/deployments(?:\/|$)/.test(path) && !path.includes("/watch/"));
  const paths = structuredClone(Object.fromEntries(wanted));
  const many = paths["/apis/apps/v1/namespaces/{namespace}/deployments"];
  const resourceVersion = many.get.parameters.find(({ name }) => name === "resourceVersion");
  // Deleting a collection takes what listing it takes.
  many.delete.parameters = many.get.parameters;
  delete many.delete.requestBody;
  for (const [path, calls] of Object.entries(paths)) {
    for (const [method, call] of Object.entries(calls)) if (method !== "parameters") asCustom(call);
    if (path.includes("{name}")) calls.get.parameters = [...(calls.get.parameters ?? []), resourceVersion];
    if (calls.patch) delete calls.patch.responses[201];
  }
  let text = JSON.stringify(paths)
    .replaceAll("list or watch objects", "list objects")
    .replaceAll('{"group":"apps","version":"v1"', '{"group":"<<group>>","version":"<<version>>"');
  for (const [from, to] of MARKS) text = text.replaceAll(from, to);
  return { paths: JSON.parse(text), schemas: mentionedSchemas(JSON.parse(text)) };
}

/** Custom resources are not written as protobuf, take no strategic merge patch, and all their calls speak of their own kind. */
function asCustom(call) {
  const drop = (content) => {
    for (const type of Object.keys(content ?? {})) if (/protobuf|strategic|stream=/.test(type)) delete content[type];
  };
  const body = call.requestBody;
  if (body?.content["*/*"]) body.content = { "application/json": body.content["*/*"], "application/yaml": body.content["*/*"] };
  drop(body?.content);
  for (const answer of Object.values(call.responses)) drop(answer.content);
  call["x-kubernetes-group-version-kind"] = { group: "apps", version: "v1", kind: "Deployment" };
}
