// Integer arithmetic of the shell: `$((...))`, `((...))`, expr. Unparsable text counts as 0.

const LEVELS: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<=", ">=", "<", ">"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];
const TOKENS = /\s*(\d+|[A-Za-z_][A-Za-z0-9_]*|\$|\|\||&&|==|!=|<=|>=|<<|>>|\+\+|--|[-+*/%]=|[-+*/%<>!~^&|()?:=])/y;

const TOKENS_MAX = 200;

export interface Variables {
  get(name: string): string;
  set(name: string, value: string): void;
}

function apply(op: string, a: number, b: number): number {
  switch (op) {
    case "||":
      return a !== 0 || b !== 0 ? 1 : 0;
    case "&&":
      return a !== 0 && b !== 0 ? 1 : 0;
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    case "&":
      return a & b;
    case "==":
      return a === b ? 1 : 0;
    case "!=":
      return a !== b ? 1 : 0;
    case "<=":
      return a <= b ? 1 : 0;
    case ">=":
      return a >= b ? 1 : 0;
    case "<":
      return a < b ? 1 : 0;
    case ">":
      return a > b ? 1 : 0;
    case "<<":
      return a * 2 ** b;
    case ">>":
      return Math.floor(a / 2 ** b);
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return b === 0 ? 0 : Math.trunc(a / b);
    default:
      return b === 0 ? 0 : a % b;
  }
}

const isOperator = (token: string | undefined): boolean => token === "++" || token === "--";

/** Recursive descent over the tokens of one expression. */
class Parser {
  readonly #tokens: readonly string[];
  readonly #variables: Variables;
  #at = 0;

  constructor(tokens: readonly string[], variables: Variables) {
    this.#tokens = tokens;
    this.#variables = variables;
  }

  assignment(): number {
    const name = this.#tokens[this.#at];
    const op = this.#tokens[this.#at + 1];
    if (name === undefined || op === undefined || !/^[A-Za-z_]/.test(name) || !/^[-+*/%]?=$/.test(op)) return this.#choice();
    this.#at += 2;
    const right = this.assignment();
    const result = op === "=" ? right : apply(op.slice(0, 1), this.#value(name), right);
    this.#variables.set(name, String(result));
    return result;
  }
  #choice(): number {
    const test = this.#binary(0);
    if (this.#tokens[this.#at] !== "?") return test;
    this.#at++;
    const yes = this.assignment();
    this.#at++;
    const no = this.assignment();
    return test !== 0 ? yes : no;
  }
  #binary(level: number): number {
    const ops = LEVELS[level];
    if (ops === undefined) return this.#primary();
    let left = this.#binary(level + 1);
    for (let op = this.#tokens[this.#at]; op !== undefined && ops.includes(op); op = this.#tokens[this.#at]) {
      this.#at++;
      left = apply(op, left, this.#binary(level + 1));
    }
    return left;
  }
  #primary(): number {
    const token = this.#tokens[this.#at++] ?? "0";
    if (token === "$") return this.#primary();
    if (token === "(") {
      const inner = this.assignment();
      this.#at++;
      return inner;
    }
    if (token === "-") return -this.#primary();
    if (token === "+") return this.#primary();
    if (token === "!") return this.#primary() === 0 ? 1 : 0;
    if (token === "~") return ~this.#primary();
    if (isOperator(token)) return this.#step(this.#tokens[this.#at++] ?? "", token);
    if (/^\d/.test(token)) return Number(token);
    const next = this.#tokens[this.#at];
    if (next === undefined || !isOperator(next)) return this.#value(token);
    this.#at++;
    const old = this.#value(token);
    this.#step(token, next);
    return old;
  }
  #step(name: string, op: string): number {
    this.#variables.set(name, String(this.#value(name) + (op === "++" ? 1 : -1)));
    return this.#value(name);
  }
  #value(name: string): number {
    return Math.trunc(Number(this.#variables.get(name))) || 0;
  }
}

/** The value of an expression; assignments and ++ reach the variables. */
export function evaluateMath(text: string, variables: Variables): number {
  const tokens: string[] = [];
  TOKENS.lastIndex = 0;
  for (let match = TOKENS.exec(text); match && tokens.length < TOKENS_MAX; match = TOKENS.exec(text)) tokens.push(match[1] ?? "");
  return tokens.length === 0 ? 0 : new Parser(tokens, variables).assignment();
}
