// The simulated image registry: which references can be pulled, what they are called afterwards, and how a pull fails.
// Texts: pkg/kubelet/images/image_manager.go, distribution/reference, containerd's resolver.
import { imageTag } from "../../shared/kinds/_parts/image-reference.ts";
import { fnv32a } from "../../shared/meta/hash.ts";
import type { SimImage } from "../../shared/sim/image.ts";

export type Resolved =
  | { readonly kind: "invalid"; readonly message: string }
  | { readonly kind: "refused"; readonly tagged: string; readonly error: string }
  | {
      readonly kind: "found";
      readonly image: SimImage;
      /** As events name it: with a tag. */
      readonly tagged: string;
      /** As the runtime names it: with registry host. */
      readonly canonical: string;
      readonly imageID: string;
      readonly sizeBytes: number;
    };

const REMEMBERED_MAX = 2000;
const DEFAULT_HOST = "docker.io";
/** Hosts that can never be reached: reserved names of RFC 2606. */
const UNREACHABLE = [".invalid", ".example", ".test"];
const ABSENT = ["nonexistent", "non-existent", "invalid", "doesnotexist", "does-not-exist"];
/** A tag that says of itself, in the words of HTTP, that it is not there. */
const NOT_FOUND = "404";
const HEX_WORDS = 8;

/** 64 hexadecimal digits that look random and depend on the text alone. */
export function hexDigest(text: string): string {
  let hex = "";
  const hash = fnv32a(text);
  const salt = fnv32a(".", hash);
  let state = hash || 1;
  for (let i = 0; i < HEX_WORDS; i++) {
    state = Math.imul(state ^ (state >>> 15), 0x85ebca6b) + salt + i;
    state ^= state >>> 13;
    state = Math.imul(state, 0xc2b2ae35);
    hex += ((state ^ (state >>> 16)) >>> 0).toString(16).padStart(8, "0");
  }
  return hex;
}

interface Parts {
  readonly host: string;
  /** Within the host, with `library/` for official images of the default host. */
  readonly path: string;
  readonly tag: string;
  readonly digest: string;
}
function split(text: string): Parts {
  const at = text.indexOf("@");
  const digest = at < 0 ? "" : text.slice(at + 1);
  const rest = at < 0 ? text : text.slice(0, at);
  const colon = rest.indexOf(":", rest.lastIndexOf("/") + 1);
  const name = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? "" : rest.slice(colon + 1);
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const named = slash >= 0 && (/[.:]/.test(first) || first === "localhost");
  const host = named ? (first === "index.docker.io" ? DEFAULT_HOST : first) : DEFAULT_HOST;
  const path = named ? name.slice(slash + 1) : name;
  return { host, path: host === DEFAULT_HOST && !path.includes("/") ? `library/${path}` : path, tag: tag || (digest === "" ? "latest" : ""), digest };
}

/** No project counts its minor versions and patches beyond two digits; `1.161` is a slip for `1.16.1`. */
const isVersion = (text: string): boolean =>
  text
    .split(".")
    .slice(1)
    .every((part) => part.length <= 2);

/**
 * A known repository has tags made of version numbers and its words (`1.27.3-alpine3.20`, `bookworm-slim`); anything else in
 * it is not found.
 */
function plausibleTag(image: SimImage, tag: string): boolean {
  if (tag === "" || tag === "latest") return true;
  return tag.split(/[-_+]/).every((piece) => {
    const word = piece.replace(/^v?\d[\d.]*/, "");
    if (!isVersion(piece.slice(0, piece.length - word.length))) return false;
    if (word === "") return true;
    const bare = word.replace(/[\d.]+$/, "");
    return image.tagWords.includes(word) || image.tagWords.includes(bare) || ["rc", "beta", "alpha", "r", "build"].includes(bare);
  });
}
const shortName = ({ host, path }: Parts): string => (host === DEFAULT_HOST ? path.replace(/^library\//, "") : `${host}/${path}`);

function refusal(parts: Parts, images: readonly SimImage[]): string | undefined {
  const { host, path, tag, digest } = parts;
  const reference = `${host}/${path}${tag === "" ? "" : `:${tag}`}${digest === "" ? "" : `@${digest}`}`;
  const head = `failed to pull and unpack image "${reference}": failed to resolve reference "${reference}"`;
  const bareHost = host.replace(/:\d+$/, "");
  if (UNREACHABLE.some((end) => bareHost.endsWith(end)) || bareHost.includes("nonexistent")) {
    return `rpc error: code = Unknown desc = ${head}: failed to do request: Head "https://${host}/v2/${path}/manifests/${tag || digest}": dial tcp: lookup ${bareHost} on 10.0.0.2:53: no such host`;
  }
  if (ABSENT.some((word) => path.includes(word))) {
    return `rpc error: code = Unknown desc = ${head}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`;
  }
  const image = images.find((one) => one.repositories.includes(shortName(parts)));
  const known = image === undefined ? !ABSENT.some((word) => tag.includes(word)) && tag !== NOT_FOUND : plausibleTag(image, tag);
  return known ? undefined : `rpc error: code = NotFound desc = ${head}: ${reference}: not found`;
}

function malformed(text: string): string {
  const detail =
    /[A-Z]/.test(text.split(":")[0] ?? "") && imageTag(text.toLowerCase()) !== undefined
      ? `invalid reference format: repository name (library/${text.split(":")[0] ?? ""}) must be lowercase`
      : "invalid reference format";
  return `Failed to apply default image tag "${text}": couldn't parse image name "${text}": ${detail}`;
}

/** The image of a repository; that of its last part elsewhere, since people mirror what they use; else the one for all others. */
function imageOf(parts: Parts, images: readonly SimImage[]): SimImage | undefined {
  const last = parts.path.slice(parts.path.lastIndexOf("/") + 1);
  return images.find((one) => one.repositories.includes(shortName(parts))) ?? images.find((one) => one.repositories.includes(last)) ?? images.at(-1);
}

const registries = new WeakMap<readonly SimImage[], (text: string) => Resolved>();
/** The registry over a list of images, which all nodes share; the last of them takes whatever nobody knows. */
export function imageRegistry(images: readonly SimImage[]): (text: string) => Resolved {
  let registry = registries.get(images);
  if (!registry) registries.set(images, (registry = makeRegistry(images)));
  return registry;
}
function makeRegistry(images: readonly SimImage[]): (text: string) => Resolved {
  const remembered = new Map<string, Resolved>();
  const resolve = (text: string): Resolved => {
    if (imageTag(text) === undefined && !/@[a-z0-9]+:[0-9a-f]{32,}$/.test(text)) return { kind: "invalid", message: malformed(text) };
    const parts = split(text);
    const bareTag = text.includes("@") || text.endsWith(`:${parts.tag}`);
    const tagged = bareTag ? text : `${text}:${parts.tag}`;
    const error = refusal(parts, images);
    if (error !== undefined) return { kind: "refused", tagged, error };
    const image = imageOf(parts, images);
    if (image === undefined) return { kind: "refused", tagged, error: "no images" };
    const repository = `${parts.host}/${parts.path}`;
    const digest = parts.digest || `sha256:${hexDigest(`${repository}:${parts.tag}`)}`;
    return {
      kind: "found",
      image,
      tagged,
      canonical: `${repository}${parts.tag === "" ? `@${digest}` : `:${parts.tag}`}`,
      imageID: `${repository}@${digest}`,
      sizeBytes: image.sizeBytes + (fnv32a(parts.tag) % 1_000_000),
    };
  };
  return (text) => {
    let known = remembered.get(text);
    if (known === undefined) {
      if (remembered.size >= REMEMBERED_MAX) remembered.clear();
      known = resolve(text);
      remembered.set(text, known);
    }
    return known;
  };
}
