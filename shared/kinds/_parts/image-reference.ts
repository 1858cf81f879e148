// Reads the tag of a container image's name, as distribution/reference does (upstream: pkg/util/parsers).

const DOMAIN_LABEL = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/;
const IPV6_DOMAIN = /^\[[a-fA-F0-9:]+\](?::[0-9]+)?$/;
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const IDENTIFIER = /^[a-f0-9]{64}$/;
const NAME_BYTES_MAX = 255;

function isDomain(text: string): boolean {
  if (text.startsWith("[")) return IPV6_DOMAIN.test(text);
  const colon = text.indexOf(":");
  if (colon >= 0 && !/^[0-9]+$/.test(text.slice(colon + 1))) return false;
  return (colon < 0 ? text : text.slice(0, colon)).split(".").every((label) => DOMAIN_LABEL.test(label));
}
const namesDomain = (first: string): boolean => /[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first;

function isName(name: string): boolean {
  if (name === "" || name.length > NAME_BYTES_MAX) return false;
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const withDomain = slash >= 0 && namesDomain(first);
  if (withDomain && !isDomain(first)) return false;
  return (withDomain ? name.slice(slash + 1) : name).split("/").every((component) => PATH_COMPONENT.test(component));
}

/** The tag of an image, `latest` when it names neither tag nor digest; undefined when it is malformed or has only a digest. */
export function imageTag(image: string): string | undefined {
  const at = image.indexOf("@");
  const digest = at < 0 ? undefined : image.slice(at + 1);
  const rest = at < 0 ? image : image.slice(0, at);
  const colon = rest.indexOf(":", rest.lastIndexOf("/") + 1);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  const wrong =
    IDENTIFIER.test(image) ||
    !isName(colon < 0 ? rest : rest.slice(0, colon)) ||
    (tag !== undefined && !TAG.test(tag)) ||
    (digest !== undefined && !DIGEST.test(digest));
  if (wrong) return undefined;
  return tag ?? (digest === undefined ? "latest" : undefined);
}
/** As upstream SetDefaults_Container: only what may change under its name is pulled each time. */
export const defaultPullPolicy = (image: string): string => (imageTag(image) === "latest" ? "Always" : "IfNotPresent");
