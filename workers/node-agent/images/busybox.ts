// busybox: a shell and its applets.
import { defineImage } from "./_parts/define-image.ts";
import { plainServer } from "./_parts/shells.ts";

export const busybox = defineImage({
  name: "busybox",
  repositories: ["busybox", "radial/busyboxplus"],
  tagWords: ["glibc", "musl", "uclibc", "stable", "unstable"],
  sizeMiB: 2.1,
  cmd: ["sh"],
  servers: ["httpd", "nc"],
  tools: [],
  server: plainServer,
});
