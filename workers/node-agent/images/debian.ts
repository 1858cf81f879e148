// debian: a shell with the usual tools.
import { defineImage } from "./_parts/define-image.ts";
import { plainServer } from "./_parts/shells.ts";

export const debian = defineImage({
  name: "debian",
  repositories: ["debian"],
  tagWords: ["bookworm", "bullseye", "trixie", "sid", "slim", "stable", "testing", "unstable", "backports"],
  sizeMiB: 46.9,
  cmd: ["bash"],
  servers: ["python3"],
  tools: ["apt", "apt-get"],
  server: plainServer,
});
