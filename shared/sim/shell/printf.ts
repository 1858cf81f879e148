// Escapes and formats of `printf` and `echo -e` in the simulated shell.

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\", a: "\u0007", b: "\b", e: "\u001b", "0": "\0" };
export const unescapeText = (text: string): string =>
  text.replaceAll(/\\([ntr\\abe0])|\\x([0-9a-fA-F]{1,2})/g, (_, letter: string | undefined, hex: string | undefined) =>
    hex === undefined ? (ESCAPES[letter ?? ""] ?? "") : String.fromCharCode(Number.parseInt(hex, 16)),
  );

/** The format is used again while arguments are left, as printf does. */
export function printf(args: readonly string[]): string {
  const [pattern = "", ...values] = args;
  const text = unescapeText(pattern);
  let at = 0;
  let result = "";
  do {
    const before = at;
    result += text.replaceAll(/%(-?0?\d*)(?:\.\d+)?([sdibxfc%])/g, (_, width: string, kind: string) => {
      if (kind === "%") return "%";
      const value = values[at++] ?? "";
      const shown =
        kind === "d" || kind === "i"
          ? String(Math.trunc(Number(value)) || 0)
          : kind === "x"
            ? (Number(value) || 0).toString(16)
            : kind === "b"
              ? unescapeText(value)
              : value;
      const size = Math.min(Math.abs(Number(width)) || 0, 1000);
      return width.startsWith("-") ? shown.padEnd(size) : shown.padStart(size, width.startsWith("0") ? "0" : " ");
    });
    if (at === before) break;
  } while (at < values.length);
  return result;
}
