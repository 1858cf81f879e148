// Integer arithmetic of the shell: `$((...))`, `((...))`, expr. Unparsable text counts as 0.

const LEVELS: readonly (readonly string[])[] = [
  ["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<=", ">=", "<", ">"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"],
];
const TOKENS = /\s*(\d+|[A-Za-z_][A-Za-z0-9_]*|\$|\|\||&&|==|!=|<=|>=|<<|>>|\+\+|--|[-+*/%]=|[-+*/%<>!~^&|()?:=])/y;

export interface Variables {
  get(name: string): string;
  set(name: string, value: string): void;
}

function apply(op: string, a: number, b: number): number {
  switch (op) {
    case "||": return a !== 0 || b !== 0 ? 1 : 0;
    case "&&": return a !== 0 && b !== 0 ? 1 : 0;
    case "|": return a | b;
    case "^": return a ^ b;
    case "&": return a & b;
    case "==": return a === b ? 1 : 0;
    case "!=": return a !== b ? 1 : 0;
    case "<=": return a <= b ? 1 : 0;
    case ">=": return a >= b ? 1 : 0;
    case "<": return a < b ? 1 : 0;
    case ">": return a > b ? 1 : 0;
    case "<<": return a * 2 ** b;
    case ">>": return Math.floor(a / 2 ** b);
    case "+": return a + b;
    case "-": return a - b;
    case "*": return a * b;
    case "/": return b === 0 ? 0 : Math.trunc(a / b);
    default: return b === 0 ? 0 : a % b;
  }
}

/** The value of an expression; assignments and ++ reach the variables. */
export function evaluateMath(text: string, variables: Variables): number {
  const tokens: string[] = [];
  TOKENS.lastIndex = 0;
  for (let match = TOKENS.exec(text); match && tokens.length < 1000; match = TOKENS.exec(text)) tokens.push(match[1] ?? "");
  let at = 0;
  const value = (name: string): number => Math.trunc(Number(variables.get(name))) || 0;
  const primary = (): number => {
    const token = tokens[at++] ?? "0";
    if (token === "$") return primary();
    if (token === "(") {
      const inner = assignment();
      at++;
      return inner;
    }
    if (token === "-") return -primary();
    if (token === "+") return primary();
    if (token === "!") return primary() === 0 ? 1 : 0;
    if (token === "~") return ~primary();
    if (token === "++" || token === "--") {
      const name = tokens[at++] ?? "";
      variables.set(name, String(value(name) + (token === "++" ? 1 : -1)));
      return value(name);
    }
    if (/^\d/.test(token)) return Number(token);
    const next = tokens[at];
    if (next !== "++" && next !== "--") return value(token);
    at++;
    const old = value(token);
    variables.set(token, String(old + (next === "++" ? 1 : -1)));
    return old;
  };
  const binary = (level: number): number => {
    const ops = LEVELS[level];
    if (ops === undefined) return primary();
    let left = binary(level + 1);
    for (let op = tokens[at]; op !== undefined && ops.includes(op); op = tokens[at]) {
      at++;
      left = apply(op, left, binary(level + 1));
    }
    return left;
  };
  const choice = (): number => {
    const test = binary(0);
    if (tokens[at] !== "?") return test;
    at++;
    const yes = assignment();
    at++;
    const no = assignment();
    return test !== 0 ? yes : no;
  };
  const assignment = (): number => {
    const name = tokens[at];
    const op = tokens[at + 1];
    if (name === undefined || op === undefined || !/^[A-Za-z_]/.test(name) || !/^[-+*/%]?=$/.test(op)) return choice();
    at += 2;
    const right = assignment();
    const result = op === "=" ? right : apply(op.slice(0, 1), value(name), right);
    variables.set(name, String(result));
    return result;
  };
  return tokens.length === 0 ? 0 : assignment();
}
