// Volumes as files: what a pod's ConfigMaps, Secrets and downward API look like inside its containers.
// Messages as upstream: pkg/volume/configmap/configmap.go, secret/secret.go, util/operationexecutor.
import type { Container, KeyToPath, Pod, Volume } from "../../shared/kinds/_generated/types.ts";
import { containerResource, podField } from "./downward.ts";
import { secretText } from "./environment.ts";
import type { NodeConfig, NodeWorld, PodNeeds } from "../../shared/sim/node.ts";

type Files = Map<string, string>;
/** Published into every namespace by a controller; pods never wait for it here. */
const ROOT_CA = "kube-root-ca.crt";
const TOKEN = "simulated-token";
const EMPTY: Container = {};

interface Place {
  readonly pod: Pod;
  readonly config: NodeConfig;
  readonly world: NodeWorld;
  readonly podIP: string;
}
interface Source {
  readonly kind: "configmap" | "secret";
  readonly name: string;
  readonly optional: boolean;
  readonly items: readonly KeyToPath[] | undefined;
}

function dataOf({ kind, name }: Source, { pod, world }: Place): Record<string, string> | undefined {
  const namespace = pod.metadata?.namespace ?? "";
  if (kind === "configmap") {
    const found = world.configMap(namespace, name);
    if (!found) return undefined;
    const binary = Object.entries(found.binaryData ?? {}).map(([key, value]) => [key, secretText(value)] as const);
    return { ...found.data, ...Object.fromEntries(binary) };
  }
  const found = world.secret(namespace, name);
  return found && Object.fromEntries(Object.entries(found.data ?? {}).map(([key, value]) => [key, secretText(value)]));
}
/** Puts a source's keys into `into`; answers why it cannot. */
function project(source: Source, place: Place, into: Files): string | undefined {
  const data = dataOf(source, place);
  if (data === undefined) return source.optional || source.name === ROOT_CA ? undefined : `${source.kind} "${source.name}" not found`;
  if (!source.items?.length) {
    for (const [key, value] of Object.entries(data)) into.set(key, value);
    return undefined;
  }
  for (const { key = "", path = "" } of source.items) {
    const value = data[key];
    if (value !== undefined) into.set(path, value);
    else if (!source.optional)
      return source.kind === "configmap" ? `configmap references non-existent config key: ${key}` : `references non-existent secret key: ${key}`;
  }
  return undefined;
}
function downward(items: Volume["downwardAPI"], place: Place, into: Files): string | undefined {
  for (const { path = "", fieldRef, resourceFieldRef } of items?.items ?? []) {
    const text = fieldRef
      ? podField(place.pod, fieldRef.fieldPath ?? "", { hostIP: place.config.ip, podIP: place.podIP })
      : containerResource(place.pod, EMPTY, resourceFieldRef ?? {});
    if (!text.ok) return text.error;
    into.set(path, text.value);
  }
  return undefined;
}

/** Fills `into` with a volume's files by relative path; answers why it cannot be set up. */
function readVolume(volume: Volume, place: Place, into: Files): string | undefined {
  const { configMap, secret, projected } = volume;
  if (configMap) return project({ kind: "configmap", name: configMap.name ?? "", optional: configMap.optional ?? false, items: configMap.items }, place, into);
  if (secret) return project({ kind: "secret", name: secret.secretName ?? "", optional: secret.optional ?? false, items: secret.items }, place, into);
  if (volume.downwardAPI) return downward(volume.downwardAPI, place, into);
  for (const source of projected?.sources ?? []) {
    let problem: string | undefined;
    if (source.configMap)
      problem = project(
        { kind: "configmap", name: source.configMap.name ?? "", optional: source.configMap.optional ?? false, items: source.configMap.items },
        place,
        into,
      );
    if (source.secret)
      problem = project({ kind: "secret", name: source.secret.name ?? "", optional: source.secret.optional ?? false, items: source.secret.items }, place, into);
    if (source.downwardAPI) problem = downward(source.downwardAPI, place, into);
    if (source.serviceAccountToken) into.set(source.serviceAccountToken.path ?? "token", TOKEN);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Volumes that cannot be set up yet, as FailedMount events say it. */
export function mountProblems(place: Place): string[] {
  const problems: string[] = [];
  for (const volume of place.pod.spec?.volumes ?? []) {
    if (!volume.configMap && !volume.secret && !volume.projected && !volume.downwardAPI) continue;
    const problem = readVolume(volume, place, new Map());
    if (problem !== undefined) problems.push(`MountVolume.SetUp failed for volume "${volume.name}" : ${problem}`);
  }
  return problems;
}

const join = (base: string, path: string): string => `${base.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;
/** All mounted files of a container by absolute path. */
export function mountedFiles(container: Container, place: Place): Files {
  const files: Files = new Map();
  for (const { name, mountPath = "", subPath } of container.volumeMounts ?? []) {
    const volume = place.pod.spec?.volumes?.find((one) => one.name === name);
    if (!volume) continue;
    const content: Files = new Map();
    readVolume(volume, place, content);
    if (volume.emptyDir) content.set("", "");
    for (const [path, text] of content) {
      if (subPath === undefined || subPath === "") files.set(join(mountPath, path), text);
      else if (path === subPath) files.set(mountPath, text);
      else if (path.startsWith(`${subPath}/`)) files.set(join(mountPath, path.slice(subPath.length + 1)), text);
    }
  }
  return files;
}

/** Objects that a pod reads: what has to be fetched before it can be looked at. */
export function podNeeds(pod: Pod): Pick<PodNeeds, "configMaps" | "secrets"> {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  const add = (into: Set<string>, name: string | undefined): void => void (name && into.add(name));
  for (const volume of pod.spec?.volumes ?? []) {
    add(configMaps, volume.configMap?.name);
    add(secrets, volume.secret?.secretName);
    for (const source of volume.projected?.sources ?? []) {
      if (source.configMap?.name !== ROOT_CA) add(configMaps, source.configMap?.name);
      add(secrets, source.secret?.name);
    }
  }
  for (const container of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]) {
    for (const source of container.envFrom ?? []) {
      add(configMaps, source.configMapRef?.name);
      add(secrets, source.secretRef?.name);
    }
    for (const variable of container.env ?? []) {
      add(configMaps, variable.valueFrom?.configMapKeyRef?.name);
      add(secrets, variable.valueFrom?.secretKeyRef?.name);
    }
  }
  return { configMaps: [...configMaps], secrets: [...secrets] };
}
