// pause: does nothing until it is told to stop.
import { defineImage } from "./_parts/define-image.ts";

export const pause = defineImage({
  name: "pause",
  repositories: ["registry.k8s.io/pause", "k8s.gcr.io/pause", "gcr.io/google_containers/pause", "rancher/mirrored-pause"],
  sizeMiB: 0.3,
  entrypoint: ["/pause"],
  cmd: [],
  user: 65535,
  bare: true,
  servers: ["pause"],
  server: () => ({ ports: [], startLines: [], term: { afterMs: 0, code: 0, lines: ["Shutting down, got signal: Terminated"] } }),
});
