// perl: enough of it for the well-known job that prints digits of pi.
import { DEBIAN_WORDS, defineImage } from "./_parts/define-image.ts";

/** Digits of pi by Machin's formula in integers. */
function pi(digits: number): string {
  const unity = 10n ** BigInt(digits + 10);
  const arctan = (x: bigint): bigint => {
    let power = unity / x;
    let sum = power;
    for (let n = 3n, sign = -1n; power > 0n; n += 2n, sign = -sign) {
      power /= x * x;
      sum += (sign * power) / n;
    }
    return sum;
  };
  const text = String((4n * (4n * arctan(5n) - arctan(239n))) / 10n ** 10n);
  return `${text[0] ?? "3"}.${text.slice(1, digits)}`;
}

export const perl = defineImage({
  name: "perl",
  repositories: ["perl"],
  tagWords: [...DEBIAN_WORDS, "threaded"],
  sizeMiB: 336,
  cmd: ["perl", "-de0"],
  tools: ["perl"],
  tool(argv) {
    if (argv[0] !== "perl") return undefined;
    const digits = /\bbpi\((\d{1,4})\)/.exec(argv.join(" "))?.[1];
    return { code: 0, stdout: digits === undefined ? "" : `${pi(Number(digits))}\n` };
  },
});
