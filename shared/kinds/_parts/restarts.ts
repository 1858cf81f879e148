// Whether a container that ended is started again (upstream: pkg/api/v1/pod/util.go, ContainerShouldRestart).
import type { Container, PodSpec } from "../_generated/types.ts";

const byPolicy = (policy: string | undefined, exitCode: number): boolean => (policy === "Never" ? false : policy === "OnFailure" ? exitCode !== 0 : true);

/** Its own rules come first, then its own policy, then the pod's. */
export function shouldRestart(container: Container, spec: PodSpec, exitCode: number): boolean {
  if (container.restartPolicy === undefined) return byPolicy(spec.restartPolicy, exitCode);
  const rule = container.restartPolicyRules?.find(({ exitCodes }) => {
    const listed = exitCodes?.values?.includes(exitCode) ?? false;
    return exitCodes?.operator === "In" ? listed : exitCodes?.operator === "NotIn" && !listed;
  });
  return rule ? true : byPolicy(container.restartPolicy, exitCode);
}
/** A rule of some container may start all of them again. */
export const allMayRestart = (spec: PodSpec): boolean =>
  [...(spec.initContainers ?? []), ...(spec.containers ?? [])].some((container) =>
    container.restartPolicyRules?.some(({ action }) => action === "RestartAllContainers"),
  );
