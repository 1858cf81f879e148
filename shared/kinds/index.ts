// All kinds in the order of discovery on a real server: discovery, OpenAPI, tables and stores read this list.
import type { AnyKind } from "./define-kind.ts";
import { mutatingAdmissionPolicyBindingKind } from "./admissionregistration/mutating-admission-policy-binding.ts";
import { mutatingAdmissionPolicyKind } from "./admissionregistration/mutating-admission-policy.ts";
import { mutatingWebhookConfigurationKind } from "./admissionregistration/mutating-webhook-configuration.ts";
import { validatingAdmissionPolicyBindingKind } from "./admissionregistration/validating-admission-policy-binding.ts";
import { validatingAdmissionPolicyKind } from "./admissionregistration/validating-admission-policy.ts";
import { validatingWebhookConfigurationKind } from "./admissionregistration/validating-webhook-configuration.ts";
import { customResourceDefinitionKind } from "./apiextensions/custom-resource-definition.ts";
import { apiServiceKind } from "./apiregistration/api-service.ts";
import { controllerRevisionKind } from "./apps/controller-revision.ts";
import { daemonSetKind } from "./apps/daemon-set.ts";
import { deploymentKind } from "./apps/deployment.ts";
import { replicaSetKind } from "./apps/replica-set.ts";
import { statefulSetKind } from "./apps/stateful-set.ts";
import { selfSubjectReviewKind } from "./authentication/self-subject-review.ts";
import { tokenReviewKind } from "./authentication/token-review.ts";
import { localSubjectAccessReviewKind } from "./authorization/local-subject-access-review.ts";
import { selfSubjectAccessReviewKind } from "./authorization/self-subject-access-review.ts";
import { selfSubjectRulesReviewKind } from "./authorization/self-subject-rules-review.ts";
import { subjectAccessReviewKind } from "./authorization/subject-access-review.ts";
import { horizontalPodAutoscalerV1Kind } from "./autoscaling/horizontal-pod-autoscaler-v1.ts";
import { horizontalPodAutoscalerKind } from "./autoscaling/horizontal-pod-autoscaler.ts";
import { cronJobKind } from "./batch/cron-job.ts";
import { jobKind } from "./batch/job.ts";
import { certificateSigningRequestKind } from "./certificates/certificate-signing-request.ts";
import { leaseKind } from "./coordination/lease.ts";
import { bindingKind } from "./core/binding.ts";
import { componentStatusKind } from "./core/component-status.ts";
import { configMapKind } from "./core/configmap.ts";
import { endpointsKind } from "./core/endpoints.ts";
import { eventKind } from "./core/event.ts";
import { limitRangeKind } from "./core/limit-range.ts";
import { namespaceKind } from "./core/namespace.ts";
import { nodeKind } from "./core/node.ts";
import { persistentVolumeClaimKind } from "./core/persistent-volume-claim.ts";
import { persistentVolumeKind } from "./core/persistent-volume.ts";
import { podTemplateKind } from "./core/pod-template.ts";
import { podKind } from "./core/pod.ts";
import { replicationControllerKind } from "./core/replication-controller.ts";
import { resourceQuotaKind } from "./core/resource-quota.ts";
import { secretKind } from "./core/secret.ts";
import { serviceAccountKind } from "./core/service-account.ts";
import { serviceKind } from "./core/service.ts";
import { endpointSliceKind } from "./discovery/endpoint-slice.ts";
import { eventsEventKind } from "./events/event.ts";
import { flowSchemaKind } from "./flowcontrol/flow-schema.ts";
import { priorityLevelConfigurationKind } from "./flowcontrol/priority-level-configuration.ts";
import { ingressClassKind } from "./networking/ingress-class.ts";
import { ingressKind } from "./networking/ingress.ts";
import { ipAddressKind } from "./networking/ip-address.ts";
import { networkPolicyKind } from "./networking/network-policy.ts";
import { serviceCIDRKind } from "./networking/service-cidr.ts";
import { runtimeClassKind } from "./node/runtime-class.ts";
import { podDisruptionBudgetKind } from "./policy/pod-disruption-budget.ts";
import { clusterRoleBindingKind } from "./rbac/cluster-role-binding.ts";
import { clusterRoleKind } from "./rbac/cluster-role.ts";
import { roleBindingKind } from "./rbac/role-binding.ts";
import { roleKind } from "./rbac/role.ts";
import { deviceClassKind } from "./resource/device-class.ts";
import { resourceClaimTemplateKind } from "./resource/resource-claim-template.ts";
import { resourceClaimKind } from "./resource/resource-claim.ts";
import { resourceSliceKind } from "./resource/resource-slice.ts";
import { priorityClassKind } from "./scheduling/priority-class.ts";
import { csiDriverKind } from "./storage/csi-driver.ts";
import { csiNodeKind } from "./storage/csi-node.ts";
import { csiStorageCapacityKind } from "./storage/csi-storage-capacity.ts";
import { storageClassKind } from "./storage/storage-class.ts";
import { volumeAttachmentKind } from "./storage/volume-attachment.ts";
import { volumeAttributesClassKind } from "./storage/volume-attributes-class.ts";

/** A kind is used with objects of its own type only, so what T is may be forgotten here, in one place. */
const LIST = [
  bindingKind,
  componentStatusKind,
  configMapKind,
  endpointsKind,
  eventKind,
  limitRangeKind,
  namespaceKind,
  nodeKind,
  persistentVolumeClaimKind,
  persistentVolumeKind,
  podKind,
  podTemplateKind,
  replicationControllerKind,
  resourceQuotaKind,
  secretKind,
  serviceAccountKind,
  serviceKind,
  apiServiceKind,
  controllerRevisionKind,
  daemonSetKind,
  deploymentKind,
  replicaSetKind,
  statefulSetKind,
  eventsEventKind,
  selfSubjectReviewKind,
  tokenReviewKind,
  localSubjectAccessReviewKind,
  selfSubjectAccessReviewKind,
  selfSubjectRulesReviewKind,
  subjectAccessReviewKind,
  horizontalPodAutoscalerKind,
  horizontalPodAutoscalerV1Kind,
  cronJobKind,
  jobKind,
  certificateSigningRequestKind,
  ingressClassKind,
  ingressKind,
  ipAddressKind,
  networkPolicyKind,
  serviceCIDRKind,
  podDisruptionBudgetKind,
  clusterRoleBindingKind,
  clusterRoleKind,
  roleBindingKind,
  roleKind,
  csiDriverKind,
  csiNodeKind,
  csiStorageCapacityKind,
  storageClassKind,
  volumeAttachmentKind,
  volumeAttributesClassKind,
  mutatingAdmissionPolicyKind,
  mutatingAdmissionPolicyBindingKind,
  mutatingWebhookConfigurationKind,
  validatingAdmissionPolicyKind,
  validatingAdmissionPolicyBindingKind,
  validatingWebhookConfigurationKind,
  customResourceDefinitionKind,
  priorityClassKind,
  leaseKind,
  runtimeClassKind,
  endpointSliceKind,
  deviceClassKind,
  resourceClaimKind,
  resourceClaimTemplateKind,
  resourceSliceKind,
  flowSchemaKind,
  priorityLevelConfigurationKind,
];
export const KINDS: readonly AnyKind[] = LIST as unknown as readonly AnyKind[];
