// All controllers, in the order in which kube-controller-manager names them.
import type { AnyController } from "../../shared/reconcile/controller.ts";
import { BUILT_IN } from "./_parts/built-in-resources.ts";
import { deploymentController } from "./deployment.ts";
import { endpointsController } from "./endpoints.ts";
import { endpointsliceController } from "./endpointslice.ts";
import { namespaceController } from "./namespace.ts";
import { replicasetController } from "./replicaset.ts";
import { replicationController } from "./replication.ts";
import { rootCACertificatePublisherController } from "./root-ca-certificate-publisher.ts";
import { serviceAccountController } from "./serviceaccount.ts";

export const CONTROLLERS: readonly AnyController[] = [
  endpointsController,
  endpointsliceController,
  replicationController,
  namespaceController(BUILT_IN),
  serviceAccountController,
  deploymentController,
  replicasetController,
  rootCACertificatePublisherController,
];
