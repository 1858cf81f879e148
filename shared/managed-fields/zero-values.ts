// What an object of a kind is before anything was written: the structs and members that Go values always have. Creating is
// compared with it, which decides who owns `f:containers` itself (nobody) and who `f:env` (the creator).
// The table is read off the `default: {}` of a 1.36 server's OpenAPI.
import type { JsonObject } from "../base/json.ts";
import { schemaOf } from "../schema/schema.ts";

/** Fields that hold a struct by value, beside metadata, spec and status of whole objects. */
const STRUCTS: Readonly<Record<string, readonly string[]>> = {
  "apiextensions.v1.CustomResourceDefinitionSpec": ["names"],
  "apiextensions.v1.CustomResourceDefinitionStatus": ["acceptedNames"],
  "apps.v1.DaemonSetSpec": ["template", "updateStrategy"],
  "apps.v1.DeploymentSpec": ["strategy", "template"],
  "apps.v1.ReplicaSetSpec": ["template"],
  "apps.v1.StatefulSetSpec": ["template", "updateStrategy"],
  "autoscaling.v1.HorizontalPodAutoscalerSpec": ["scaleTargetRef"],
  "autoscaling.v2.HorizontalPodAutoscalerSpec": ["scaleTargetRef"],
  "batch.v1.CronJobSpec": ["jobTemplate"],
  "batch.v1.JobSpec": ["template"],
  "batch.v1.JobTemplateSpec": ["metadata", "spec"],
  "core.v1.Binding": ["target"],
  "core.v1.Event": ["involvedObject", "source"],
  "core.v1.NodeDaemonEndpoints": ["kubeletEndpoint"],
  "core.v1.NodeStatus": ["daemonEndpoints", "nodeInfo"],
  "core.v1.PersistentVolumeClaimSpec": ["resources"],
  "core.v1.PodTemplate": ["template"],
  "core.v1.PodTemplateSpec": ["metadata", "spec"],
  "core.v1.ServiceStatus": ["loadBalancer"],
  "events.v1.Event": ["deprecatedSource", "regarding"],
  "flowcontrol.v1.FlowSchemaSpec": ["priorityLevelConfiguration"],
  "networking.v1.IngressStatus": ["loadBalancer"],
  "networking.v1.NetworkPolicySpec": ["podSelector"],
  "rbac.v1.ClusterRoleBinding": ["roleRef"],
  "rbac.v1.RoleBinding": ["roleRef"],
  "resource.v1.ResourceClaimSpec": ["devices"],
  "resource.v1.ResourceClaimTemplateSpec": ["metadata", "spec"],
  "resource.v1.ResourceSliceSpec": ["pool"],
  "storage.v1.VolumeAttachmentSpec": ["source"],
};
const OF_OBJECTS = ["metadata", "spec", "status"];
/** Required lists that Go leaves out when empty all the same. */
const OMITTED: Readonly<Record<string, string>> = { "admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec": "validationActions" };
/** A default that is Go's zero marks a scalar that is always written. */
const isZero = (value: unknown): value is "" | 0 | false => value === "" || value === 0 || value === false;

function zeroOf(name: string, structs: readonly string[]): JsonObject {
  const out: JsonObject = {};
  for (const [key, field] of schemaOf(name)?.fields ?? []) {
    if (structs.includes(key) && field.type.is === "ref") out[key] = zeroOf(field.type.ref, STRUCTS[field.type.ref] ?? []);
    else if (field.type.is === "scalar" && isZero(field.default)) out[key] = field.default;
    else if (field.required && field.type.is !== "scalar" && OMITTED[name] !== key) out[key] = null;
  }
  return out;
}

const made = new Map<string, JsonObject>();
/** The empty object of a kind, by its schema's name. Shared: not to be mutated. */
export function zeroObject(schemaName: string): JsonObject {
  const known = made.get(schemaName);
  if (known) return known;
  const zero = schemaOf(schemaName) ? zeroOf(schemaName, [...OF_OBJECTS, ...(STRUCTS[schemaName] ?? [])]) : { metadata: {} };
  made.set(schemaName, zero);
  return zero;
}
