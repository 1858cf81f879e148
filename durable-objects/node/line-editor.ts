// The terminal's side of an interactive shell: echo, erase, history, interrupt; hands out complete lines.

const HISTORY_MAX = 200;
const ERASE = "\b \b";

export class LineEditor {
  readonly #echo: (text: string) => void;
  readonly #history: string[] = [];
  #at = 0;
  #line = "";
  #escape = "";

  constructor(echo: (text: string) => void) {
    this.#echo = echo;
  }

  /** Takes what was typed; complete lines come out, undefined is the end of input (Ctrl-D on an empty line). */
  feed(text: string, prompt: () => string): (string | undefined)[] {
    const lines: (string | undefined)[] = [];
    for (const char of text) {
      if (this.#escape !== "" || char === "\u001b") this.#arrow(char);
      else if (char === "\r" || char === "\n") lines.push(this.#enter());
      else if (char === "\u007f" || char === "\b") this.#erase();
      else if (char === "\u0003") {
        this.#line = "";
        this.#echo(`^C\n${prompt()}`);
      } else if (char === "\u0004") {
        if (this.#line === "") lines.push(undefined);
      } else if (char === "\u0015") this.#replace("");
      else if (char >= " ") {
        this.#line += char;
        this.#echo(char);
      }
    }
    return lines;
  }

  #enter(): string {
    const line = this.#line;
    this.#echo("\n");
    if (line.trim() !== "") this.#history.push(line);
    if (this.#history.length > HISTORY_MAX) this.#history.shift();
    this.#at = this.#history.length;
    this.#line = "";
    return line;
  }
  #erase(): void {
    if (this.#line === "") return;
    this.#line = [...this.#line].slice(0, -1).join("");
    this.#echo(ERASE);
  }
  #replace(line: string): void {
    this.#echo(ERASE.repeat([...this.#line].length) + line);
    this.#line = line;
  }
  /** `ESC [ A` and `ESC [ B` walk through the history; other sequences are swallowed. */
  #arrow(char: string): void {
    this.#escape += char;
    if (this.#escape.length < 3 && !/[A-Za-z~]/.test(char)) return;
    if (this.#escape.length === 2 && char === "O") return;
    const key = this.#escape.at(-1);
    this.#escape = "";
    if (key !== "A" && key !== "B") return;
    this.#at = Math.max(0, Math.min(this.#history.length, this.#at + (key === "A" ? -1 : 1)));
    this.#replace(this.#history[this.#at] ?? "");
  }
}
