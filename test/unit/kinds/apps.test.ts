// Kinds of group apps against the recorded answers of a real server.
import { controllerRevisionKind } from "../../../shared/kinds/apps/controller-revision.ts";
import { daemonSetKind } from "../../../shared/kinds/apps/daemon-set.ts";
import { deploymentKind } from "../../../shared/kinds/apps/deployment.ts";
import { replicaSetKind } from "../../../shared/kinds/apps/replica-set.ts";
import { statefulSetKind } from "../../../shared/kinds/apps/stateful-set.ts";
import { describeKind } from "./fact-suite.ts";

describeKind(deploymentKind, { bases: ["deployment", "deployment-full", "deployment-recreate", "deployment-rolling"] });
describeKind(replicaSetKind, { bases: ["replicaset", "replicaset-full"] });
describeKind(statefulSetKind, { bases: ["statefulset", "statefulset-full", "statefulset-noservice"] });
describeKind(daemonSetKind, { bases: ["daemonset", "daemonset-full"] });
describeKind(controllerRevisionKind, { bases: ["controllerrevision"] });
