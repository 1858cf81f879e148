// All controllers, in the order in which kube-controller-manager names them.
import type { AnyController } from "../../shared/reconcile/controller.ts";
import { BUILT_IN } from "./_parts/built-in-resources.ts";
import { clusterRoleAggregationController } from "./clusterrole-aggregation.ts";
import { deploymentController } from "./deployment.ts";
import { disruptionController } from "./disruption.ts";
import { endpointsController } from "./endpoints.ts";
import { endpointsliceController } from "./endpointslice.ts";
import { endpointsliceMirroringController } from "./endpointslice-mirroring.ts";
import { garbageCollectorController } from "./garbage-collector.ts";
import { kubernetesServiceController } from "./kubernetes-service.ts";
import { namespaceController } from "./namespace.ts";
import { nodeIpamController } from "./node-ipam.ts";
import { nodeLifecycleController } from "./node-lifecycle.ts";
import { podGarbageCollectorController } from "./pod-garbage-collector.ts";
import { replicasetController } from "./replicaset.ts";
import { replicationController } from "./replication.ts";
import { rootCACertificatePublisherController } from "./root-ca-certificate-publisher.ts";
import { serviceAccountController } from "./serviceaccount.ts";
import { taintEvictionController } from "./taint-eviction.ts";
import {
  persistentVolumeClaimProtectionController,
  persistentVolumeProtectionController,
  volumeAttributesClassProtectionController,
} from "./volume-protection.ts";

export const CONTROLLERS: readonly AnyController[] = [
  endpointsController,
  endpointsliceController,
  endpointsliceMirroringController,
  replicationController,
  podGarbageCollectorController,
  namespaceController(BUILT_IN),
  serviceAccountController,
  garbageCollectorController(BUILT_IN),
  deploymentController,
  replicasetController,
  disruptionController,
  nodeIpamController,
  nodeLifecycleController,
  taintEvictionController,
  clusterRoleAggregationController,
  persistentVolumeClaimProtectionController,
  persistentVolumeProtectionController,
  volumeAttributesClassProtectionController,
  rootCACertificatePublisherController,
  kubernetesServiceController,
];
