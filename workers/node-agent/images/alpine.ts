// alpine: a shell and its applets.
import { defineImage } from "./_parts/define-image.ts";
import { plainServer } from "./_parts/shells.ts";

export const alpine = defineImage({
  name: "alpine",
  repositories: ["alpine", "bitnami/os-shell", "alpine/k8s", "nicolaka/netshoot"],
  tagWords: ["edge"],
  sizeMiB: 3.5,
  cmd: ["/bin/sh"],
  servers: ["httpd", "nc", "python3"],
  tools: ["apk"],
  server: plainServer,
});
