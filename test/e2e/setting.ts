// One server for the tests of a file, and a kubectl that speaks to it.
import { afterAll, beforeAll, describe } from "vitest";
import { kubectl, kubectlTool, type Kubectl } from "../support/kubectl.ts";
import { startServer, type Server, type ServerOptions } from "../support/server.ts";

export interface Setting {
  readonly server: Server;
  readonly kubectl: Kubectl;
}
/** Its members are there while tests run. */
export function setting(options: ServerOptions = {}): Setting {
  let server: Server | undefined;
  let client: Kubectl | undefined;
  beforeAll(async () => {
    server = await startServer(options);
    client = kubectl(server.kubeconfig);
  });
  afterAll(async () => server?.stop());
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error("the server did not start");
    return value;
  };
  return {
    get server() {
      return there(server);
    },
    get kubectl() {
      return there(client);
    },
  };
}

/** Tests that need the real kubectl; where there is none they are skipped. */
export const withKubectl = describe.skipIf(kubectlTool.path === undefined);

export const NGINX = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: nginx-deployment
  labels:
    app: nginx
spec:
  replicas: 2
  selector:
    matchLabels:
      app: nginx
  template:
    metadata:
      labels:
        app: nginx
    spec:
      containers:
      - name: nginx
        image: nginx:1.14.2
        ports:
        - containerPort: 80
`;
/** Lines of a printed table, parted into cells. */
export const table = (text: string): readonly (readonly string[])[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.trim().split(/ {2,}/));
