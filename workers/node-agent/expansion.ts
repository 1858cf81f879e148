// `$(NAME)` in commands, arguments and values. As upstream: third_party/forked/golang/expansion/expand.go.

/** `$(NAME)` becomes the value, `$$` a dollar; what nobody knows stays as it is written. */
export function expandVariables(text: string, lookup: (name: string) => string | undefined): string {
  if (!text.includes("$")) return text;
  let result = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    const next = text[at + 1];
    if (char !== "$" || next === undefined) {
      result += char;
    } else if (next === "$") {
      result += "$";
      at++;
    } else if (next === "(") {
      const end = text.indexOf(")", at + 2);
      if (end < 0) {
        result += "$(";
        at++;
        continue;
      }
      const name = text.slice(at + 2, end);
      result += lookup(name) ?? `$(${name})`;
      at = end;
    } else {
      result += `$${next}`;
      at++;
    }
  }
  return result;
}
