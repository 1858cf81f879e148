// ubuntu: a shell with the usual tools.
import { defineImage } from "./_parts/define-image.ts";
import { plainServer } from "./_parts/shells.ts";

export const ubuntu = defineImage({
  name: "ubuntu",
  repositories: ["ubuntu"],
  tagWords: ["noble", "jammy", "focal", "plucky", "questing", "rolling", "devel"],
  sizeMiB: 28.2,
  cmd: ["/bin/bash"],
  servers: ["python3"],
  tools: ["apt", "apt-get"],
  server: plainServer,
});
