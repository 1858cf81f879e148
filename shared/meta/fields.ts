// Field selectors: `metadata.name=a,status.phase!=Running`.
// As upstream: k8s.io/apimachinery pkg/fields/selector.go.
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import { compareText } from "./text.ts";

export interface FieldRequirement {
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

/** Splits at commas that no backslash protects; the backslashes stay. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === "\\") index++;
    else if (text[index] === ",") {
      terms.push(text.slice(start, index));
      start = index + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function unescape(text: string): Result<string, string> {
  let out = "";
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? "";
    if (character === "\\") {
      const next = text[++index] ?? "";
      if (next !== "\\" && next !== "," && next !== "=") {
        return err(`invalid field selector: invalid escape sequence: \\${next}`);
      }
      out += next;
    } else if (character === "," || character === "=") {
      return err(`invalid field selector: unescaped character in value: ${character.charCodeAt(0)}`);
    } else out += character;
  }
  return ok(out);
}

/** Terms sorted as upstream does; a term without field and value restricts nothing and is left out. */
export function parseFieldSelector(text: string): Result<FieldRequirement[], string> {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text).sort(compareText)) {
    if (term === "") continue;
    const match = /!=|==|=/.exec(term);
    if (!match) return err(`invalid selector: '${text}'; can't understand '${term}'`);
    const field = term.slice(0, match.index);
    const value = unescape(term.slice(match.index + match[0].length));
    if (!value.ok) return value;
    if (field === "" && value.value === "") continue;
    requirements.push({ field, operator: match[0] === "!=" ? "!=" : "=", value: value.value });
  }
  return ok(requirements);
}
