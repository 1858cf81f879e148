// Reads a kubeconfig into what a connection needs: any server, any of the usual credentials.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";

export interface Target {
  readonly host: string;
  readonly port: number;
  /** Stands before every path; empty, or with a leading and no trailing slash. */
  readonly prefix: string;
  readonly token: string | undefined;
  /** Undefined: plain HTTP. */
  readonly tls:
    | { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer; readonly rejectUnauthorized: boolean; readonly servername?: string }
    | undefined;
}
type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** The entry `name` of a kubeconfig's list, without its name. */
function entry(list: unknown, name: string | undefined, field: string): Fields {
  const found = Array.isArray(list) ? (list as unknown[]).filter(isFields).find((one) => one.name === name) : undefined;
  const inner = found?.[field];
  if (!isFields(inner)) throw new Error(`the kubeconfig has no ${field} called ${name ?? "(nothing)"}`);
  return inner;
}

export function readKubeconfig(file: string): Target {
  const config: unknown = parse(readFileSync(file, "utf8"));
  if (!isFields(config)) throw new Error(`${file} is no kubeconfig`);
  const context = entry(config.contexts, text(config["current-context"]), "context");
  const cluster = entry(config.clusters, text(context.cluster), "cluster");
  const user = entry(config.users, text(context.user), "user");
  /** `<name>-data` holds base64; `<name>` holds a path, relative to the kubeconfig. */
  const bytes = (from: Fields, name: string): Buffer | undefined => {
    const inline = text(from[`${name}-data`]);
    if (inline) return Buffer.from(inline, "base64");
    const path = text(from[name]);
    return path === undefined ? undefined : readFileSync(resolve(dirname(file), path));
  };
  const url = new URL(text(cluster.server) ?? "");
  const tokenFile = text(user.tokenFile);
  const secure = url.protocol === "https:";
  const ca = bytes(cluster, "certificate-authority");
  const cert = bytes(user, "client-certificate");
  const key = bytes(user, "client-key");
  const servername = text(cluster["tls-server-name"]);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(url.port) || (secure ? 443 : 80),
    prefix: url.pathname.replace(/\/+$/, ""),
    token: text(user.token) ?? (tokenFile === undefined ? undefined : readFileSync(tokenFile, "utf8").trim()),
    tls: secure
      ? {
          rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
          ...(ca && { ca }),
          ...(cert && { cert }),
          ...(key && { key }),
          ...(servername !== undefined && { servername }),
        }
      : undefined,
  };
}
