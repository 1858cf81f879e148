// Takes out of a pod spec what a 1.36 server drops because the feature gates are off (upstream: pkg/api/pod/util.go,
// dropDisabledFields): ClusterTrustBundleProjection, PodCertificateRequest, GenericWorkload, ContainerStopSignals.
import type { PodSpec } from "../_generated/types.ts";
import type { AnyContainer } from "./containers.ts";

function dropStopSignal(containers: readonly AnyContainer[] | undefined): void {
  if (!containers) return;
  for (const container of containers) {
    const { lifecycle } = container;
    if (lifecycle?.stopSignal === undefined) continue;
    delete lifecycle.stopSignal;
    if (!lifecycle.postStart && !lifecycle.preStop) delete container.lifecycle;
  }
}
export function dropGatedFields(spec: PodSpec): void {
  delete spec.schedulingGroup;
  if (spec.volumes) {
    for (const { projected } of spec.volumes) {
      for (const source of projected?.sources ?? []) {
        delete source.clusterTrustBundle;
        delete source.podCertificate;
      }
    }
  }
  dropStopSignal(spec.containers);
  dropStopSignal(spec.initContainers);
  dropStopSignal(spec.ephemeralContainers);
}
