// The environment of a container. As upstream: pkg/kubelet/kubelet_pods.go makeEnvironmentVariables, pkg/kubelet/envvars.
import type { Result } from "../../shared/base/result.ts";
import { err, ok } from "../../shared/base/result.ts";
import type { Container, EnvVar, Pod, Service } from "../../shared/kinds/_generated/types.ts";
import { containerResource, podField } from "./downward.ts";
import { expandVariables } from "./expansion.ts";
import type { NodeConfig, NodeWorld } from "../../shared/sim/node.ts";

export type Environment = Record<string, string>;
const MASTER_SERVICE = "kubernetes";

const variableName = (text: string): string => text.replaceAll("-", "_").toUpperCase();
function serviceVariables(service: Service, into: Environment): void {
  const name = variableName(service.metadata?.name ?? "");
  const ip = service.spec?.clusterIP ?? "";
  const ports = service.spec?.ports ?? [];
  into[`${name}_SERVICE_HOST`] = ip;
  into[`${name}_SERVICE_PORT`] = String(ports[0]?.port ?? "");
  for (const port of ports) if (port.name) into[`${name}_SERVICE_PORT_${variableName(port.name)}`] = String(port.port);
  for (const [index, port] of ports.entries()) {
    const protocol = port.protocol ?? "TCP";
    const url = `${protocol.toLowerCase()}://${ip.includes(":") ? `[${ip}]` : ip}:${port.port}`;
    if (index === 0) into[`${name}_PORT`] = url;
    const prefix = `${name}_PORT_${port.port}_${protocol}`;
    into[prefix] = url;
    into[`${prefix}_PROTO`] = protocol.toLowerCase();
    into[`${prefix}_PORT`] = String(port.port);
    into[`${prefix}_ADDR`] = ip;
  }
}
/** Variables for the Services a pod is linked to: those of its namespace, and always the API's own. */
export function serviceEnvironment(pod: Pod, world: NodeWorld): Environment {
  const result: Environment = {};
  const namespace = pod.metadata?.namespace ?? "";
  const add = (service: Service): void => {
    const ip = service.spec?.clusterIP;
    if (ip && ip !== "None") serviceVariables(service, result);
  };
  for (const service of world.services("default")) if (service.metadata?.name === MASTER_SERVICE) add(service);
  if (pod.spec?.enableServiceLinks !== false) {
    for (const service of world.services(namespace)) if (namespace !== "default" || service.metadata?.name !== MASTER_SERVICE) add(service);
  }
  return result;
}

const decode = (base64: string): string => {
  const binary = atob(base64);
  return new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
};
export const secretText = (value: string | undefined): string => (value === undefined ? "" : decode(value));

interface Sources {
  readonly pod: Pod;
  readonly container: Container;
  readonly config: NodeConfig;
  readonly podIP: string;
  readonly world: NodeWorld;
}
const missing = (kind: "configmap" | "secret", name: string): string => `${kind} "${name}" not found`;

function fromSources({ pod, container, world }: Sources, into: Environment): string | undefined {
  const namespace = pod.metadata?.namespace ?? "";
  for (const { prefix = "", configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef) {
      const { name = "", optional } = configMapRef;
      const found = world.configMap(namespace, name);
      if (!found && !optional) return missing("configmap", name);
      for (const [key, value] of Object.entries(found?.data ?? {})) into[prefix + key] = value ?? "";
    } else if (secretRef) {
      const { name = "", optional } = secretRef;
      const found = world.secret(namespace, name);
      if (!found && !optional) return missing("secret", name);
      for (const [key, value] of Object.entries(found?.data ?? {})) into[prefix + key] = secretText(value);
    }
  }
  return undefined;
}

/** One variable's value; undefined in the value: it is left out. */
function valueOf(variable: EnvVar, sources: Sources): Result<string | undefined, string> {
  const { pod, world } = sources;
  const namespace = pod.metadata?.namespace ?? "";
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = variable.valueFrom ?? {};
  if (fieldRef) return podField(pod, fieldRef.fieldPath ?? "", { hostIP: sources.config.ip, podIP: sources.podIP });
  if (resourceFieldRef) return containerResource(pod, sources.container, resourceFieldRef);
  if (configMapKeyRef) {
    const { name = "", key = "", optional } = configMapKeyRef;
    const found = world.configMap(namespace, name);
    if (!found) return optional ? ok(undefined) : err(missing("configmap", name));
    const value = found.data?.[key];
    return value !== undefined || optional ? ok(value) : err(`couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
  }
  if (secretKeyRef) {
    const { name = "", key = "", optional } = secretKeyRef;
    const found = world.secret(namespace, name);
    if (!found) return optional ? ok(undefined) : err(missing("secret", name));
    const value = found.data?.[key];
    if (value !== undefined) return ok(secretText(value));
    return optional ? ok(undefined) : err(`couldn't find key ${key} in Secret ${namespace}/${name}`);
  }
  return ok("");
}

/** Does it read ConfigMaps or Secrets? Then what it read at the start must be kept. */
export const readsObjects = (container: Container): boolean =>
  (container.envFrom?.length ?? 0) > 0 || (container.env ?? []).some((one) => one.valueFrom?.configMapKeyRef ?? one.valueFrom?.secretKeyRef);

/** All variables, or why the container cannot be configured. */
export function makeEnvironment(sources: Sources): Result<Environment, string> {
  const services = serviceEnvironment(sources.pod, sources.world);
  const result: Environment = {};
  const problem = fromSources(sources, result);
  if (problem !== undefined) return err(problem);
  for (const variable of sources.container.env ?? []) {
    const { name = "", value = "" } = variable;
    if (value !== "") {
      result[name] = expandVariables(value, (wanted) => result[wanted] ?? services[wanted]);
      continue;
    }
    if (!variable.valueFrom) {
      result[name] = "";
      continue;
    }
    const found = valueOf(variable, sources);
    if (!found.ok) return found;
    if (found.value !== undefined) result[name] = found.value;
  }
  for (const [name, value] of Object.entries(services)) if (!Object.hasOwn(result, name)) result[name] = value;
  return ok(result);
}
