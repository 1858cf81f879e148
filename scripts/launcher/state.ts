// Who may come in: the admin token, of which the server keeps only a hash, and the kubeconfig that holds it.
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const TOKEN_LINE = /^ *token: (\S+)$/m;

export interface Access {
  readonly hash: string;
  readonly token: string;
  /** Path of the file. */
  readonly kubeconfig: string;
}

/** The hash of the admin token; made, with the kubeconfig that holds the token, at the first start. */
export function prepareAccess(data: string, url: string): Access {
  const hashFile = join(data, "admin-token.sha256");
  const kubeconfig = join(data, "kubeconfig");
  const known = existsSync(kubeconfig) ? TOKEN_LINE.exec(readFileSync(kubeconfig, "utf8"))?.[1] : undefined;
  const stored = existsSync(hashFile) ? readFileSync(hashFile, "utf8").trim() : undefined;
  // A kubeconfig that was lost, or does not fit the hash, gets a new token: the old one cannot be known.
  const token = known !== undefined && stored === sha256(known) ? known : randomBytes(32).toString("base64url");
  writeFileSync(hashFile, `${sha256(token)}\n`, { mode: 0o600 });
  writeFileSync(kubeconfig, kubeconfigText(url, token), { mode: 0o600 });
  chmodSync(kubeconfig, 0o600);
  return { hash: sha256(token), token, kubeconfig };
}

/** A kubeconfig for the admin. The token is named twice: for clients that send it, and in the path for those that do not. */
const kubeconfigText = (url: string, token: string): string => `apiVersion: v1
kind: Config
clusters:
- name: paperplane
  cluster:
    # client-go sends no credentials over plain HTTP, so that the token stands in the path, too.
    server: ${url}/access/${token}
    # The JavaScript client speaks plain HTTP only when told so.
    insecure-skip-tls-verify: true
users:
- name: paperplane-admin
  user:
    token: ${token}
contexts:
- name: paperplane
  context:
    cluster: paperplane
    user: paperplane-admin
current-context: paperplane
`;
