// The objects that loads create, as text: nothing is put together while a clock runs.

const FILLING = "x".repeat(300);
const CONTAINER = `"name":"c","image":"nginx:1.25"`;

export const configMap = (name: string): string =>
  `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}","labels":{"app":"bench"}},"data":{"a":"${FILLING}"}}`;

/** `nowhere`: no node has the label it asks for, so that it stays as it is. */
export const pod = (name: string, { nowhere }: { readonly nowhere: boolean }): string =>
  `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${name}","labels":{"app":"bench"}},"spec":{${nowhere ? `"nodeSelector":{"none":"such"},` : ""}` +
  `"containers":[{${CONTAINER},"ports":[{"containerPort":80}],"env":[{"name":"A","value":"1"}],"resources":{"requests":{"cpu":"10m","memory":"16Mi"}}}]}}`;

export const deployment = (name: string, replicas: number): string =>
  `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"${name}"},"spec":{"replicas":${replicas},"selector":{"matchLabels":{"app":"bench"}},` +
  `"template":{"metadata":{"labels":{"app":"bench"}},"spec":{"containers":[{${CONTAINER},"resources":{"requests":{"cpu":"1m","memory":"1Mi"}}}]}}}}`;

export const cluster = (name: string, nodes: number): string =>
  `{"apiVersion":"paperplane.dev/v1","kind":"Cluster","metadata":{"name":"${name}"},"spec":{"nodes":${nodes}}}`;
