// curl: a client in a box; without arguments it only explains itself.
import { defineImage } from "./_parts/define-image.ts";

export const curl = defineImage({
  name: "curl",
  repositories: ["curlimages/curl", "curl/curl"],
  sizeMiB: 9.4,
  entrypoint: ["/entrypoint.sh"],
  cmd: ["curl"],
  user: 100,
  tools: ["entrypoint.sh"],
  tool(argv) {
    const words = argv[0] === "entrypoint.sh" ? argv.slice(1) : argv;
    if (words[0] !== "curl" || words.length > 1) return undefined;
    return { code: 2, stdout: "curl: try 'curl --help' or 'curl --manual' for more information\n" };
  },
});
