// What a member is before anything was written to it: Go values always have their structs, and some of their members.
// Differences are seen from there, which decides who owns `f:containers` itself (nobody) and who `f:env` (its creator).
// The table is read off the `default: {}` of a 1.36 server's OpenAPI.
import type { Json } from "../base/json.ts";
import type { SchemaField } from "../schema/schema.ts";
import { schemaOf } from "../schema/schema.ts";

/** Fields that hold a struct by value, beside metadata, spec and status of what has an ObjectMeta. */
const STRUCTS: Readonly<Record<string, readonly string[]>> = {
  "admissionregistration.v1.MutatingWebhook": ["clientConfig"],
  "admissionregistration.v1.ValidatingWebhook": ["clientConfig"],
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
  "core.v1.Binding": ["target"],
  "core.v1.Container": ["resources"],
  "core.v1.ContainerStatus": ["lastState", "state"],
  "core.v1.EphemeralContainer": ["resources"],
  "core.v1.Event": ["involvedObject", "source"],
  "core.v1.NodeDaemonEndpoints": ["kubeletEndpoint"],
  "core.v1.NodeStatus": ["daemonEndpoints", "nodeInfo"],
  "core.v1.PersistentVolumeClaimSpec": ["resources"],
  "core.v1.PodTemplate": ["template"],
  "core.v1.PreferredSchedulingTerm": ["preference"],
  "core.v1.ServiceStatus": ["loadBalancer"],
  "core.v1.WeightedPodAffinityTerm": ["podAffinityTerm"],
  "discovery.v1.Endpoint": ["conditions"],
  "events.v1.Event": ["deprecatedSource", "regarding"],
  "flowcontrol.v1.FlowSchemaSpec": ["priorityLevelConfiguration"],
  "flowcontrol.v1.LimitedPriorityLevelConfiguration": ["limitResponse"],
  "networking.v1.HTTPIngressPath": ["backend"],
  "networking.v1.IngressServiceBackend": ["port"],
  "networking.v1.IngressStatus": ["loadBalancer"],
  "networking.v1.NetworkPolicySpec": ["podSelector"],
  "rbac.v1.ClusterRoleBinding": ["roleRef"],
  "rbac.v1.RoleBinding": ["roleRef"],
  "resource.v1.AllocationResult": ["devices"],
  "resource.v1.ResourceClaimSpec": ["devices"],
  "resource.v1.ResourceSliceSpec": ["pool"],
  "storage.v1.VolumeAttachmentSpec": ["source"],
};
const OF_OBJECTS = ["metadata", "spec", "status"];
/** Required lists that Go leaves out when empty all the same. */
const OMITTED: Readonly<Record<string, string>> = { "admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec": "validationActions" };
const EMPTY: Json = Object.freeze({});

function isStruct(schema: string, key: string): boolean {
  if (STRUCTS[schema]?.includes(key)) return true;
  const metadata = OF_OBJECTS.includes(key) ? schemaOf(schema)?.fields.get("metadata")?.type : undefined;
  return metadata?.is === "ref" && metadata.ref === "meta.v1.ObjectMeta";
}

/** The value of a member that is not written; undefined when it is really absent. */
export function zeroOf(schema: string, key: string, field: SchemaField): Json | undefined {
  if (field.type.is === "ref" && isStruct(schema, key)) return EMPTY;
  // A default that is Go's zero marks a scalar that is always written.
  const value = field.default;
  if (field.type.is === "scalar") return value === "" || value === 0 || value === false ? value : undefined;
  return field.required && OMITTED[schema] !== key ? null : undefined;
}
