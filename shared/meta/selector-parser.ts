// Parses label selectors as people write them: `a=b,c!=d,e in (f,g),!h,i>5`.
// As upstream: k8s.io/apimachinery pkg/labels/selector.go, whose odd words of complaint are kept.
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import { isQualifiedName, isValidLabelValue } from "./name-checks.ts";
import { compareText } from "./text.ts";

export type SelectorOperator = "=" | "==" | "!=" | "in" | "notin" | "exists" | "!" | "gt" | "lt";
export interface SelectorRequirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
}
/** All must hold. An empty list selects everything. */
export type Selector = readonly SelectorRequirement[];

type TokenType = "end" | ")" | "," | "!" | "==" | "=" | ">" | "in" | "<" | "!=" | "notin" | "(" | "identifier" | "error";
interface Token {
  readonly type: TokenType;
  readonly text: string;
}
const SYMBOLS = new Set<string>([")", ",", "!", "==", "=", ">", "<", "!=", "("]);

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /[ \t\r\n]+|[=!(),<>]|[^=!(),<> \t\r\n]+/g;
  const parts = text.match(pattern) ?? [];
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? "";
    if (/^[ \t\r\n]/.test(part)) continue;
    const two = part + (parts[index + 1] ?? "");
    if (two === "==" || two === "!=") {
      tokens.push({ type: two, text: two });
      index++;
    } else if (SYMBOLS.has(part) || part === "in" || part === "notin") tokens.push({ type: part as TokenType, text: part });
    else tokens.push({ type: "identifier", text: part });
  }
  return [...tokens, { type: "end", text: "" }];
}

const OPERATORS: Partial<Record<TokenType, SelectorOperator>> = {
  "=": "=",
  "==": "==",
  "!=": "!=",
  in: "in",
  notin: "notin",
  ">": "gt",
  "<": "lt",
};
const OPERATOR_LIST = "in, notin, =, ==, !=, gt, lt";

const INT64 = /^[+-]?[0-9]{1,19}$/;
export function parseInt64(text: string): bigint | undefined {
  if (!INT64.test(text)) return undefined;
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return value >= -(1n << 63n) && value < 1n << 63n ? value : undefined;
}

const listText = (errors: readonly string[]): string => {
  const unique = [...new Set(errors)];
  return unique.length === 1 ? (unique[0] ?? "") : `[${unique.join(", ")}]`;
};
/** Checks key and values; as upstream NewRequirement. */
export function requirement(key: string, operator: SelectorOperator, values: readonly string[]): Result<SelectorRequirement, string> {
  const errors: string[] = [];
  const keyErrors = isQualifiedName(key);
  if (keyErrors.length > 0) errors.push(`key: Invalid value: ${JSON.stringify(key)}: ${keyErrors.join("; ")}`);
  if ((operator === "in" || operator === "notin") && values.length === 0) {
    errors.push(`values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`);
  }
  if ((operator === "exists" || operator === "!") && values.length > 0) {
    errors.push(`values: Invalid value: ${JSON.stringify(values)}: values set must be empty for exists and does not exist`);
  }
  values.forEach((value, index) => {
    if ((operator === "gt" || operator === "lt") && parseInt64(value) === undefined) {
      errors.push(`values[${index}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`);
    }
  });
  values.forEach((value, index) => {
    const bad = isValidLabelValue(value);
    if (bad.length > 0) errors.push(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${bad.join("; ")}`);
  });
  return errors.length > 0 ? err(listText(errors)) : ok({ key, operator, values });
}

interface Parser {
  readonly tokens: readonly Token[];
  position: number;
}
const END: Token = { type: "end", text: "" };
const peek = (parser: Parser): Token => parser.tokens[parser.position] ?? END;
const next = (parser: Parser): Token => parser.tokens[parser.position++] ?? END;
/** Where a key or a value stands, `in` and `notin` are ordinary words. */
const asWord = (token: Token): Token => (token.type === "in" || token.type === "notin" ? { type: "identifier", text: token.text } : token);

function parseList(parser: Parser): Result<string[], string> {
  const open = next(parser);
  if (open.type !== "(") return err(`found '${open.text}' expected: '('`);
  const first = asWord(peek(parser));
  if (first.type === ")") {
    next(parser);
    return ok([""]);
  }
  if (first.type !== "identifier" && first.type !== ",") return err(`found '${first.text}', expected: ',', ')' or identifier`);
  const values = new Set<string>();
  for (;;) {
    const token = asWord(next(parser));
    const after = asWord(peek(parser));
    if (token.type === "identifier") {
      values.add(token.text);
      if (after.type === ")") break;
      if (after.type !== ",") return err(`found '${after.text}', expected: ',' or ')'`);
    } else if (token.type === ",") {
      if (values.size === 0) values.add("");
      if (after.type === "," || after.type === ")") values.add("");
      if (after.type === ")") break;
    } else return err(`found '${token.text}', expected: ',', or identifier`);
  }
  next(parser);
  return ok([...values].sort(compareText));
}

function parseSingle(parser: Parser): Result<string[], string> {
  const ahead = peek(parser);
  if (ahead.type === "end" || ahead.type === ",") return ok([""]);
  const token = asWord(next(parser));
  return token.type === "identifier" ? ok([token.text]) : err(`found '${token.text}', expected: identifier`);
}

function parseRequirement(parser: Parser): Result<SelectorRequirement, string> {
  let token = asWord(next(parser));
  const absent = token.type === "!";
  if (absent) token = asWord(next(parser));
  if (token.type !== "identifier") return err(`found '${token.text}', expected: identifier`);
  const key = token.text;
  const keyErrors = isQualifiedName(key);
  if (keyErrors.length > 0) return err(`<nil>: Invalid value: ${JSON.stringify(key)}: ${keyErrors.join("; ")}`);
  if (absent) return requirement(key, "!", []);
  const ahead = peek(parser);
  if (ahead.type === "end" || ahead.type === ",") return requirement(key, "exists", []);
  const word = next(parser);
  const operator = OPERATORS[word.type];
  if (operator === undefined) return err(`found '${word.text}', expected: ${OPERATOR_LIST}`);
  const values = operator === "in" || operator === "notin" ? parseList(parser) : parseSingle(parser);
  return values.ok ? requirement(key, operator, values.value) : values;
}

/** Requirements sorted by key; the error text is what a 400 answer says. */
export function parseSelector(text: string): Result<Selector, string> {
  const parser: Parser = { tokens: tokensOf(text), position: 0 };
  const requirements: SelectorRequirement[] = [];
  for (;;) {
    const token = asWord(peek(parser));
    if (token.type === "end") break;
    if (token.type !== "identifier" && token.type !== "!") {
      return err(`found '${token.text}', expected: !, identifier, or 'end of string'`);
    }
    const parsed = parseRequirement(parser);
    if (!parsed.ok) return err(`unable to parse requirement: ${parsed.error}`);
    requirements.push(parsed.value);
    const separator = asWord(next(parser));
    if (separator.type === "end") break;
    if (separator.type !== ",") return err(`found '${separator.text}', expected: ',' or 'end of string'`);
    const after = asWord(peek(parser));
    if (after.type !== "identifier" && after.type !== "!") return err(`found '${after.text}', expected: identifier after ','`);
  }
  return ok(requirements.sort((a, b) => compareText(a.key, b.key)));
}
